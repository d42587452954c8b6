import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Instant } from "../../base/brand.ts";
import type { DirspaceKey } from "../../core/change/dirspace.ts";
import type { Write } from "../../core/decision.ts";
import type { Snapshot } from "../../core/snapshot.ts";

/** What a decision was made from, besides facts, and what it wrote: as much as replaying it needs. */
export interface Packed {
  /** Of the event; the event itself is not kept for ever. */
  readonly at: Instant;
  readonly snapshot: Snapshot;
  readonly writes: readonly Write[];
}

interface Stored extends Omit<Packed, "snapshot"> {
  readonly snapshot: Omit<Snapshot, "held"> & { readonly held: readonly DirspaceKey[] };
}

/** The text repeats itself, so more than the lowest effort buys little: measured in docs/operating/replay.md. */
const LEVEL = 3;
/** No decision is near it; bytes that say otherwise are not ours. */
const UNPACKED_BYTES_MAX = 512 * 1024 * 1024;

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** Off the event loop: a pull request of a thousand dirspaces has megabytes of it. */
export async function pack({ at, snapshot, writes }: Packed): Promise<Buffer> {
  const stored = { at, snapshot: { ...snapshot, held: [...snapshot.held] }, writes };
  return await zip(JSON.stringify(stored), { level: LEVEL });
}

export async function unpack(bytes: Uint8Array): Promise<Packed> {
  const text = await unzip(bytes, { maxOutputLength: UNPACKED_BYTES_MAX });
  const { at, snapshot, writes } = JSON.parse(text.toString("utf8")) as Stored;
  return { at, snapshot: { ...snapshot, held: new Set(snapshot.held) }, writes };
}
