import { parse, stringify } from "yaml";
import type { Outcome } from "../../core/case/case.ts";
import type { Host } from "../host.ts";
import { CONFIG_BYTES_MAX } from "./own-config.ts";

/** The outcomes of cases as they were when somebody last looked at them, by name. */
export type Snapshots = ReadonlyMap<string, Outcome>;

export function snapshotPath(casesPath: string): string {
  return casesPath.replace(/\.ya?ml$/, ".snap.yml");
}

export async function readSnapshots(host: Host, casesPath: string): Promise<Snapshots> {
  const read = await host.machine.readFile(snapshotPath(casesPath), CONFIG_BYTES_MAX);
  if (read.kind !== "ok") return new Map();
  const value: unknown = parse(read.text);
  return new Map(Object.entries((value ?? {}) as Record<string, Outcome>));
}

export async function writeSnapshots(
  host: Host,
  casesPath: string,
  snapshots: Snapshots,
): Promise<void> {
  const note =
    "# Written by terrane config test --update. Review a change of it as you would code.\n";
  const text = stringify(Object.fromEntries(snapshots), {
    lineWidth: 100,
    aliasDuplicateObjects: false,
  });
  await host.machine.writeFile(snapshotPath(casesPath), note + text);
}

/** What differs, key by key. */
export function changesIn(
  before: Outcome,
  now: Outcome,
): readonly { readonly key: keyof Outcome; readonly expected: string; readonly got: string }[] {
  const keys = Object.keys({ ...before, ...now }) as (keyof Outcome)[];
  return keys.flatMap((key) => {
    const [expected, got] = [JSON.stringify(before[key]), JSON.stringify(now[key])];
    return expected === got ? [] : [{ key, expected, got }];
  });
}
