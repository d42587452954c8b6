import { parseSnapshots, printSnapshots, type Snapshots } from "../../core/case/snapshot.ts";
import { type Host, UsageError } from "../host.ts";
import { CONFIG_BYTES_MAX } from "./own-config.ts";

function snapshotPath(casesPath: string): string {
  return casesPath.replace(/\.ya?ml$/, ".snap.yml");
}

export async function readSnapshots(host: Host, casesPath: string): Promise<Snapshots> {
  const path = snapshotPath(casesPath);
  const read = await host.machine.readFile(path, CONFIG_BYTES_MAX);
  if (read.kind === "missing") return new Map();
  const snapshots = read.kind === "ok" ? parseSnapshots(read.text) : undefined;
  if (snapshots !== undefined) return snapshots;
  const next = "Delete it and run `terrane config test --update`.";
  throw new UsageError(`${path} holds no snapshots.`, next);
}

export async function writeSnapshots(
  host: Host,
  casesPath: string,
  snapshots: Snapshots,
): Promise<void> {
  await host.machine.writeFile(snapshotPath(casesPath), printSnapshots(snapshots));
}
