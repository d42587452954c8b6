import { unreachable } from "../base/unreachable.ts";
import {
  BUILT_CONFIG_CHARS_MAX,
  type BuiltBody,
  type Failure,
  INDEX_BYTES_MAX,
  type WorkItem,
} from "../contract/work.ts";
import { buildTree, type TreeOptions } from "./build/build-tree.ts";
import { runScript } from "./build/run-script.ts";
import type { Client, Reply } from "./client.ts";
import { loadIndexProgram, type ProgramSource } from "./index-program.ts";
import { delay, type Env } from "./process.ts";
import type { Stop } from "./stop.ts";
import { failureOf } from "./text.ts";

type Stage = NonNullable<WorkItem["prepares"]>[number];
type Server = Pick<Client, "index" | "built" | "next">;

export interface PrepareOptions extends ProgramSource, TreeOptions {
  /** The head is checked out here. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of builders. */
  readonly env: Env;
}

/** What a job goes on with once it has found out what it was asked. */
export type Prepared =
  | { readonly kind: "work"; readonly work: WorkItem }
  | { readonly kind: "over"; readonly finished: boolean }
  | { readonly kind: "failed"; readonly failure: Failure };

type Said = { readonly kind: "said" } | Exclude<Prepared, { kind: "work" }>;

/** The server decides within seconds; it may be away or restarting meanwhile. */
const WAIT_MS_MAX = 10 * 60_000;
const PAUSE_MS = 500;

/** Finds out what is asked about the head, says it, and waits for what is to be done because of that. */
export async function prepare(
  client: Server,
  work: WorkItem,
  stop: Stop,
  options: PrepareOptions,
): Promise<Prepared> {
  for (const stage of work.prepares ?? []) {
    const said = await findOut(client, stage, work, options);
    if (said.kind !== "said") return said;
  }
  return await nextWork(client, stop);
}

async function findOut(
  client: Server,
  stage: Stage,
  work: WorkItem,
  options: PrepareOptions,
): Promise<Said> {
  switch (stage) {
    case "index":
      return await readIndex(client, work, options);
    case "tree":
    case "config":
      return await build(client, stage, work, options);
    default:
      return unreachable(stage);
  }
}

async function build(
  client: Server,
  stage: "tree" | "config",
  { builder, headSha, baseSha, reviewedSha }: WorkItem,
  options: PrepareOptions,
): Promise<Said> {
  const script = { text: builder?.script ?? "", cwd: options.root, env: options.env };
  const digest = builder?.digest;
  const about = {
    format: 1,
    commit: reviewedSha,
    ...(digest === undefined ? {} : { digest }),
  } as const;
  let body: BuiltBody;
  if (stage === "tree") {
    const built = await buildTree(script, { headSha, baseSha }, options);
    if (built.kind === "failed") return failed(built.message, "tree_builder");
    options.log(`The script names ${built.tree.files.length} files.`);
    body = { ...about, what: "tree", tree: built.tree };
  } else {
    const printed = await runScript(
      { ...script, name: "config_builder", stdin: builder?.stdin ?? "{}" },
      { ...options, charsMax: BUILT_CONFIG_CHARS_MAX },
    );
    if (printed.kind === "failed") return failed(printed.message, "config_builder");
    body = { ...about, what: "config", text: printed.stdout };
  }
  const tooLong = tooManyBytes(body);
  if (tooLong !== undefined) {
    return failed(`What the script printed takes ${tooLong}.`, `${stage}_builder`);
  }
  return taken(await client.built(body), "What the script printed", `${stage}_builder`);
}

async function readIndex(
  client: Server,
  { reviewedSha }: WorkItem,
  options: PrepareOptions,
): Promise<Said> {
  const program = await loadIndexProgram(options);
  const startedAt = performance.now();
  const index = await program.readIndex(options);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  options.log(
    `Read the code in ${seconds} s: ${index.directories.length} directories refer to others, ${index.symlinks.length} links.`,
  );
  const body = { format: 1, commit: reviewedSha, index } as const;
  const tooLong = tooManyBytes(body);
  if (tooLong !== undefined) {
    return failed(
      `What the code refers to takes ${tooLong}. Set \`indexer: {enabled: false}\`.`,
      "index",
    );
  }
  return taken(await client.index(body), "What the code refers to", "index");
}

function tooManyBytes(body: object): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(body));
  if (bytes <= INDEX_BYTES_MAX) return undefined;
  return `${bytes} bytes, and the server takes ${INDEX_BYTES_MAX}`;
}

/** What was said first stays; that the reply to it was lost is no reason to stop. */
function taken(sent: Reply<unknown>, what: string, step: string): Said {
  if (sent.kind === "gone") return { kind: "over", finished: false };
  const known = sent.kind === "refused" && sent.code === "INDEX_CONFLICT";
  if (sent.kind === "ok" || known) return { kind: "said" };
  return failed(`${what} could not be reported: ${sent.message}`, step);
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
    if (reply.kind !== "ok") return failed(`The server gave no work: ${reply.message}`, "index");
    const { value } = reply;
    if (value.kind === "work") return { kind: "work", work: value.work };
    if (value.kind === "done") return { kind: "over", finished: value.finished };
    if (stop.reason !== undefined) return failed(stop.reason, "index");
    if (performance.now() > deadline) {
      const minutes = Math.round(waitMsMax / 60_000);
      return failed(
        `The server did not say within ${minutes} minutes what there is to plan.`,
        "index",
      );
    }
    await delay(PAUSE_MS);
  }
}

function failed(message: string, step: string): Extract<Prepared, { kind: "failed" }> {
  return { kind: "failed", failure: failureOf(step, message) };
}
