import type * as z from "zod/mini";
import { runnerPaths } from "../contract/runner-api.ts";
import {
  type BuiltBody,
  ClaimReply,
  ErrorReply,
  type FinishBody,
  type GrantBody,
  GrantReply,
  HeartbeatReply,
  type IndexBody,
  IndexReply,
  NextReply,
  type OutputBody,
  OutputReply,
  PLAN_BYTES_MAX,
  type ResultBody,
  ResultReply,
  type WorkDirspace,
} from "../contract/work.ts";
import { delay } from "./process.ts";
import { withReadableSteps } from "./read-work.ts";
import type { Stop } from "./stop.ts";

export type Reply<T> =
  | { readonly kind: "ok"; readonly value: T }
  /** The run is over, or this job has no say in it any more. */
  | { readonly kind: "gone"; readonly message: string }
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly code: string;
      readonly message: string;
    }
  | { readonly kind: "unreachable"; readonly message: string };

const MINUTE_MS = 60_000;
/** A server that is being upgraded or failed over is back within minutes; a result is worth the wait. */
const RESULT_BUDGET_MS = 15 * MINUTE_MS;
const CALL_BUDGET_MS = 3 * MINUTE_MS;
const TRY_TIMEOUT_MS = 60_000;
const HEARTBEAT_TIMEOUT_MS = 15_000;
const PAUSE_FIRST_MS = 250;
const PAUSE_MAX_MS = 15_000;
/** The seal adds less than this to a plan file, save for the plan's secrets, which the file contains too. */
const REPLY_BYTES_MAX = 2 * PLAN_BYTES_MAX;

interface Call<T> {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly body?: { readonly type: string; readonly bytes: string | Uint8Array };
  readonly budgetMs: number;
  readonly timeoutMs: number;
  readonly read: (response: Response) => Promise<T>;
}

/**
 * The runner's side of the wire. Each call is idempotent on the server (claim by the CI job, until it has used what it
 * got; output by number, plans by digest, results by content), so whatever may have been lost is simply sent again. A
 * one-time code alone opens nothing twice: where the answer to its claim was lost, the job ends.
 */
export class Client {
  readonly #serverUrl: string;
  readonly #stop: Stop;
  #bearer: string;
  #run = "";

  constructor(serverUrl: string, identityToken: string, stop: Stop) {
    this.#serverUrl = serverUrl.replace(/\/+$/, "");
    this.#bearer = identityToken;
    this.#stop = stop;
  }

  /** From here on all calls speak for this run. */
  bind(run: string, credential: string): void {
    this.#run = run;
    this.#bearer = credential;
  }

  claim(attempt: string): Promise<Reply<z.infer<typeof ClaimReply>>> {
    return this.#call(
      jsonCall(ClaimReply, runnerPaths.claim(attempt), undefined, withReadableWork),
    );
  }

  built(body: BuiltBody): Promise<Reply<z.infer<typeof IndexReply>>> {
    const call = jsonCall(IndexReply, runnerPaths.built(this.#run), body);
    return this.#call({ ...call, budgetMs: RESULT_BUDGET_MS });
  }

  index(body: z.infer<typeof IndexBody>): Promise<Reply<z.infer<typeof IndexReply>>> {
    const call = jsonCall(IndexReply, runnerPaths.index(this.#run), body);
    return this.#call({ ...call, budgetMs: RESULT_BUDGET_MS });
  }

  /** The server answers when there is something new, or after a while. */
  next(): Promise<Reply<NextReply>> {
    return this.#call(
      jsonCall(NextReply, runnerPaths.next(this.#run), undefined, withReadableWork),
    );
  }

  /** One try only: the next beat is the retry. */
  heartbeat(running: WorkDirspace[]): Promise<Reply<z.infer<typeof HeartbeatReply>>> {
    const call = jsonCall(HeartbeatReply, runnerPaths.heartbeat(this.#run), { running });
    return this.#call({ ...call, budgetMs: 0, timeoutMs: HEARTBEAT_TIMEOUT_MS });
  }

  output(body: z.infer<typeof OutputBody>): Promise<Reply<z.infer<typeof OutputReply>>> {
    const call = jsonCall(OutputReply, runnerPaths.output(this.#run), body);
    return this.#call({ ...call, budgetMs: RESULT_BUDGET_MS });
  }

  putPlan(digest: string, sealed: Uint8Array): Promise<Reply<void>> {
    return this.#call({
      method: "PUT",
      path: runnerPaths.plan(this.#run, digest),
      body: { type: "application/octet-stream", bytes: sealed },
      budgetMs: RESULT_BUDGET_MS,
      timeoutMs: 5 * MINUTE_MS,
      read: discard,
    });
  }

  getPlan(digest: string): Promise<Reply<Uint8Array>> {
    return this.#call({
      method: "GET",
      path: runnerPaths.plan(this.#run, digest),
      budgetMs: CALL_BUDGET_MS,
      timeoutMs: 5 * MINUTE_MS,
      read: readBytes,
    });
  }

  result(body: z.infer<typeof ResultBody>): Promise<Reply<z.infer<typeof ResultReply>>> {
    const call = jsonCall(ResultReply, runnerPaths.result(this.#run), body);
    return this.#call({ ...call, budgetMs: RESULT_BUDGET_MS });
  }

  grant(body: z.infer<typeof GrantBody>): Promise<Reply<z.infer<typeof GrantReply>>> {
    return this.#call(jsonCall(GrantReply, runnerPaths.grant(this.#run), body));
  }

  finish(end: FinishBody): Promise<Reply<void>> {
    const { method, path, body } = jsonCall(ErrorReply, runnerPaths.finish(this.#run), end);
    const base = { method, path, timeoutMs: TRY_TIMEOUT_MS, read: discard };
    return this.#call({ ...base, ...(body && { body }), budgetMs: RESULT_BUDGET_MS });
  }

  async #call<T>(call: Call<T>): Promise<Reply<T>> {
    const deadline = performance.now() + call.budgetMs;
    for (let pause = PAUSE_FIRST_MS; ; pause = Math.min(PAUSE_MAX_MS, pause * 2)) {
      const tried = await this.#try(call);
      if (tried.kind !== "retry") return tried.reply;
      // Jitter keeps a hundred runners from knocking at the same moment when the server is back.
      const wait = Math.max(tried.afterMs, pause * (0.75 + Math.random() / 2));
      const over = performance.now() + wait > deadline;
      if (over || this.#stop.forced) return { kind: "unreachable", message: tried.message };
      await delay(wait);
    }
  }

  async #try<T>(
    call: Call<T>,
  ): Promise<
    | { readonly kind: "done"; readonly reply: Reply<T> }
    | { readonly kind: "retry"; readonly message: string; readonly afterMs: number }
  > {
    try {
      const response = await fetch(`${this.#serverUrl}${call.path}`, {
        method: call.method,
        headers: {
          authorization: `Bearer ${this.#bearer}`,
          ...(call.body && { "content-type": call.body.type }),
        },
        body: call.body?.bytes ?? null,
        redirect: "error",
        signal: AbortSignal.timeout(call.timeoutMs),
      });
      if (response.ok) {
        return { kind: "done", reply: { kind: "ok", value: await call.read(response) } };
      }
      const { code, message } = await readError(response);
      if (response.status === 410) return { kind: "done", reply: { kind: "gone", message } };
      if (response.status >= 500 || response.status === 429 || response.status === 408) {
        return { kind: "retry", message, afterMs: retryAfterMs(response) };
      }
      return { kind: "done", reply: { kind: "refused", status: response.status, code, message } };
    } catch (error) {
      if (error instanceof Misread) {
        const message = `The server's reply cannot be read: ${error.message}`;
        return { kind: "done", reply: { kind: "refused", status: 200, code: "misread", message } };
      }
      return { kind: "retry", message: reasonOf(error), afterMs: 0 };
    }
  }
}

/** What a job asks of its server; a job on a checkout of a person has none, and answers itself. */
export type ServerClient = Pick<Client, keyof Client>;

/** The server answered, and the answer is not in the contract: asking again gives the same. */
class Misread extends Error {}

function jsonCall<S extends z.ZodMiniType>(
  schema: S,
  path: string,
  body: unknown,
  before: (value: unknown) => unknown = (value) => value,
): Call<z.infer<S>> {
  return {
    method: "POST",
    path,
    ...(body !== undefined && {
      body: { type: "application/json", bytes: JSON.stringify(body) },
    }),
    budgetMs: CALL_BUDGET_MS,
    timeoutMs: TRY_TIMEOUT_MS,
    read: async (response) => {
      const text = await response.text();
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        throw new Misread("it is not JSON");
      }
      const parsed = schema.safeParse(before(value));
      if (parsed.success) return parsed.data;
      const issue = parsed.error.issues[0];
      throw new Misread(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "unknown"}`);
    },
  };
}

/** Of a reply that carries work. */
function withReadableWork(reply: unknown): unknown {
  if (typeof reply !== "object" || reply === null || !("work" in reply)) return reply;
  return { ...reply, work: withReadableSteps(reply.work) };
}

async function readBytes(response: Response): Promise<Uint8Array> {
  const length = Number(response.headers.get("content-length") ?? 0);
  if (length > REPLY_BYTES_MAX) throw new Misread("the plan is larger than any plan may be");
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length > REPLY_BYTES_MAX) throw new Misread("the plan is larger than any plan may be");
  return bytes;
}

async function discard(response: Response): Promise<void> {
  await response.arrayBuffer();
}

async function readError(response: Response): Promise<{ code: string; message: string }> {
  const fallback = { code: `http_${response.status}`, message: `HTTP ${response.status}` };
  try {
    const parsed = ErrorReply.safeParse(JSON.parse(await response.text()));
    if (!parsed.success) return fallback;
    const { code, message, next } = parsed.data.error;
    return { code, message: next === undefined ? message : `${message} ${next}` };
  } catch {
    return fallback;
  }
}

function retryAfterMs(response: Response): number {
  const seconds = Number(response.headers.get("retry-after") ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 60) * 1_000 : 0;
}

/** `fetch` hides the reason in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
