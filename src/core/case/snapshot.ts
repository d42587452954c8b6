import { parse, stringify } from "yaml";
import { z } from "zod";
import type { Outcome } from "./case.ts";

/** The outcomes of cases as they were when somebody last looked at them, by name. */
export type Snapshots = ReadonlyMap<string, Outcome>;

const NOTE =
  "# Written by terrane config test --update. Review a change of it as you would code.\n";

const verdict = z.union([z.literal("allowed"), z.strictObject({ refused: z.array(z.string()) })]);
const names = z.array(z.string());
const outcome = z.strictObject({
  affected: names,
  order: z.array(names),
  workflow: z.record(z.string(), z.union([z.literal("default"), z.int()])),
  tags: z.record(z.string(), names),
  stack: z.record(z.string(), z.string()),
  autoplan: names,
  plan: verdict,
  apply: verdict,
  unlock: verdict,
  drift: names,
  invalid: names,
});

/** Undefined where the text was not written by `printSnapshots`. */
export function parseSnapshots(text: string): Snapshots | undefined {
  const parsed = z.record(z.string(), outcome).safeParse(readable(text));
  return parsed.success ? new Map(Object.entries(parsed.data)) : undefined;
}

export function printSnapshots(snapshots: Snapshots): string {
  const options = { lineWidth: 100, aliasDuplicateObjects: false };
  return NOTE + stringify(Object.fromEntries(snapshots), options);
}

/** A file that people may have broken is no reason to stop. */
function readable(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 });
  } catch {
    return undefined;
  }
}

export interface SnapshotChange {
  readonly key: keyof Outcome;
  readonly expected: string;
  readonly got: string;
}

/** What differs, key by key. */
export function snapshotChanges(before: Outcome, now: Outcome): readonly SnapshotChange[] {
  const keys = Object.keys({ ...before, ...now }) as (keyof Outcome)[];
  return keys.flatMap((key) => {
    const [expected, got] = [JSON.stringify(before[key]), JSON.stringify(now[key])];
    return expected === got ? [] : [{ key, expected, got }];
  });
}
