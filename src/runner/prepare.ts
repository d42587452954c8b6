import type { Failure, WorkItem } from "../contract/work.ts";
import { INDEX_BYTES_MAX } from "../contract/work.ts";
import type { Client } from "./client.ts";
import { loadIndexProgram, type ProgramSource } from "./index-program.ts";
import { delay } from "./process.ts";
import type { Stop } from "./stop.ts";
import { failureOf } from "./text.ts";

export interface PrepareOptions extends ProgramSource {
  /** The head is checked out here. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: (line: string) => void;
}

/** What a job goes on with once it has found out what it was asked. */
export type Prepared =
  | { readonly kind: "work"; readonly work: WorkItem }
  | { readonly kind: "over"; readonly finished: boolean }
  | { readonly kind: "failed"; readonly failure: Failure };

/** The server decides within seconds; it may be away or restarting meanwhile. */
const WAIT_MS_MAX = 10 * 60_000;
const PAUSE_MS = 500;

/** Reads the code, says what it refers to, and waits for what is to be planned because of that. */
export async function prepare(
  client: Pick<Client, "index" | "next">,
  { headSha }: Pick<WorkItem, "headSha">,
  stop: Stop,
  options: PrepareOptions,
): Promise<Prepared> {
  const program = await loadIndexProgram(options);
  const startedAt = performance.now();
  const index = await program.readIndex(options);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  options.log(
    `Read the code in ${seconds} s: ${index.directories.length} directories refer to others, ${index.symlinks.length} links.`,
  );
  const body = { format: 1, commit: headSha, index } as const;
  const bytes = Buffer.byteLength(JSON.stringify(body));
  if (bytes > INDEX_BYTES_MAX) {
    return failed(
      `What the code refers to takes ${bytes} bytes, and the server takes ${INDEX_BYTES_MAX}. Set \`indexer: {enabled: false}\`.`,
    );
  }
  const sent = await client.index(body);
  if (sent.kind === "gone") return { kind: "over", finished: false };
  // What was said first stays; that the reply to it was lost is no reason to stop.
  const known = sent.kind === "refused" && sent.code === "INDEX_CONFLICT";
  if (sent.kind !== "ok" && !known) {
    return failed(`What the code refers to could not be reported: ${sent.message}`);
  }
  return await nextWork(client, stop);
}

export async function nextWork(
  client: Pick<Client, "next">,
  stop: Stop,
  waitMsMax = WAIT_MS_MAX,
): Promise<Prepared> {
  const deadline = performance.now() + waitMsMax;
  for (;;) {
    const reply = await client.next();
    if (reply.kind === "gone") return { kind: "over", finished: false };
    if (reply.kind !== "ok") return failed(`The server gave no work: ${reply.message}`);
    const { value } = reply;
    if (value.kind === "work") return { kind: "work", work: value.work };
    if (value.kind === "done") return { kind: "over", finished: value.finished };
    if (stop.reason !== undefined) return failed(stop.reason);
    if (performance.now() > deadline) {
      const minutes = Math.round(waitMsMax / 60_000);
      return failed(`The server did not say within ${minutes} minutes what there is to plan.`);
    }
    await delay(PAUSE_MS);
  }
}

function failed(message: string): Prepared {
  return { kind: "failed", failure: failureOf("index", message) };
}
