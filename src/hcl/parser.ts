import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { PARSE_MS_MAX } from "./limits.ts";

export interface SourceText {
  /** Named in the message of an error. */
  readonly name: string;
  readonly text: string;
}

export type Parsed =
  | { readonly kind: "ok"; readonly value: unknown }
  | { readonly kind: "error"; readonly message: string };

/** HashiCorp's parser of HCL, out of harm's way. Close it, or the process does not end. */
export interface HclParser {
  /** In the order of the sources. It never rejects and never takes longer than allowed. */
  parse(sources: readonly SourceText[]): Promise<readonly Parsed[]>;
  close(): Promise<void>;
}

/**
 * The parser is a Go program in WebAssembly: it can run out of stack, exit, or write to global
 * names, and nothing can interrupt it. So it lives in a thread, which is thrown away when one file
 * takes too long or brings it down, and after so many files that its memory does not matter (it
 * only grows: 35 MB in 10,000 files of 1 kB, 55 MB in 20,000). A script in a string needs no file of its own
 * beside a bundle.
 */
const THREAD = `
const { parentPort, workerData } = require("node:worker_threads");
const { parse } = require(workerData.module);
parentPort.on("message", async ({ sources }) => {
  for (const { name, text } of sources) {
    try {
      const value = await parse(name, text);
      parentPort.postMessage({ kind: "ok", value });
    } catch (error) {
      parentPort.postMessage({ kind: "error", message: String(error && error.message || error) });
    }
  }
});
`;

/** After this many the thread is replaced. */
const FILES_PER_THREAD = 10_000;
/** Starting the parser takes a quarter of a second; on a busy machine much longer. */
const START_MS_MAX = 30_000;

/** `module`: the file that holds `parse`, where that is not the package. */
export function openParser(parseMsMax = PARSE_MS_MAX, module?: string): HclParser {
  let thread: Thread | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  const run = async (sources: readonly SourceText[]): Promise<readonly Parsed[]> => {
    const results: Parsed[] = [];
    while (results.length < sources.length) {
      thread ??= startThread(module);
      const rest = sources.slice(results.length, results.length + FILES_PER_THREAD);
      const { parsed, failure } = await inThread(thread, rest, parseMsMax);
      results.push(...parsed);
      thread.files += rest.length;
      if (failure !== undefined) results.push({ kind: "error", message: failure });
      if (failure === undefined && thread.files < FILES_PER_THREAD) continue;
      await thread.worker.terminate();
      thread = undefined;
    }
    return results;
  };
  return {
    parse(sources) {
      const result = turn.then(() => run(sources));
      turn = result.catch(() => undefined);
      return result;
    },
    async close() {
      await turn;
      await thread?.worker.terminate();
      thread = undefined;
    },
  };
}

interface Thread {
  readonly worker: Worker;
  files: number;
  answered: boolean;
}

function startThread(given: string | undefined): Thread {
  const module = given ?? createRequire(import.meta.url).resolve("@cdktn/hcl2json");
  const worker = new Worker(THREAD, {
    eval: true,
    workerData: { module },
    // What the Go program says when it dies is said by us, in one line.
    stdout: true,
    stderr: true,
    execArgv: [],
    env: {},
  });
  worker.unref();
  return { worker, files: 0, answered: false };
}

interface Batch {
  readonly parsed: readonly Parsed[];
  /** What became of the file after the last one of `parsed`. */
  readonly failure?: string;
}

function inThread(
  thread: Thread,
  sources: readonly SourceText[],
  parseMsMax: number,
): Promise<Batch> {
  const { worker } = thread;
  return new Promise((resolve) => {
    const parsed: Parsed[] = [];
    let alarm: NodeJS.Timeout | undefined;
    const end = (failure?: string): void => {
      clearTimeout(alarm);
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      // An error that arrives while the thread is thrown away has nobody else to go to.
      if (failure !== undefined) worker.on("error", () => undefined);
      resolve(failure === undefined ? { parsed } : { parsed, failure });
    };
    const watch = (): void => {
      clearTimeout(alarm);
      const limit = thread.answered ? parseMsMax : Math.max(START_MS_MAX, parseMsMax);
      alarm = setTimeout(() => end(`parsing it took longer than ${limit} ms`), limit);
    };
    const onMessage = (message: Parsed): void => {
      thread.answered = true;
      parsed.push(message);
      if (parsed.length === sources.length) end();
      else watch();
    };
    const onError = (error: Error): void => end(`the parser failed: ${error.message}`);
    const onExit = (): void => end("the parser ended while it read this");
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    watch();
    worker.postMessage({ sources });
  });
}
