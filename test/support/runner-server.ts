import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type * as z from "zod/mini";
import {
  FinishBody,
  GrantBody,
  type GrantReply,
  HeartbeatBody,
  OutputBody,
  ResultBody,
  type UnitResult,
  type WorkDirspace,
  WorkItem,
} from "../../src/contract/work.ts";

export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  readonly body: Buffer;
  readonly atMs: number;
}

/** What a test may change while the runner works. */
export interface Script {
  /** Answers nothing: connections are cut, as by a server that is being replaced. */
  down: boolean;
  /** Status to answer instead, for the calls whose path matches. */
  fault: { readonly path: RegExp; readonly status: number; times: number } | undefined;
  cancel: boolean;
  /** Answers 410 to everything. */
  over: boolean;
  grant: (unit: WorkDirspace) => z.infer<typeof GrantReply> | undefined;
  /** What the claimed work becomes on the wire, for runners older than their server. */
  rewriteWork: (work: WorkItem) => unknown;
  /** What a fetched plan's bytes become. */
  alterPlan: (sealed: Buffer) => Buffer;
  /** Loses the reply to so many calls of this path after having done their work. */
  loseReply: { readonly path: RegExp; times: number } | undefined;
}

export interface RunnerServer {
  readonly url: string;
  readonly script: Script;
  readonly requests: readonly Recorded[];
  /** Results by `dir workspace`, in order of arrival. */
  readonly results: ReadonlyMap<string, UnitResult>;
  readonly conflicts: readonly string[];
  readonly finishes: readonly FinishBody[];
  readonly grants: readonly string[];
  readonly plans: Map<string, Buffer>;
  readonly running: ReadonlySet<string>;
  outputOf(unit: WorkDirspace): string;
  /** Everything that ever arrived, as text. */
  everything(): string;
  /** The next claim gets this; results of the one before are forgotten, plans stay. */
  offer(work: z.input<typeof WorkItem>): void;
  close(): Promise<void>;
}

export const ATTEMPT = "attempt-1";
export const ID_TOKEN = "id-token-of-the-ci-job";

/** A small server that speaks the runner's contract by script and records everything it hears. */
export async function startRunnerServer(): Promise<RunnerServer> {
  const state = new State();
  const server = createServer((request, response) => {
    void state.handle(request, response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  state.shut = () =>
    new Promise<void>((done) => {
      server.closeAllConnections();
      server.close(() => done());
    });
  return state;
}

export function unitKey(unit: WorkDirspace): string {
  return `${unit.dir} ${unit.workspace}`;
}

class State implements RunnerServer {
  url = "";
  shut: () => Promise<void> = () => Promise.resolve();
  readonly requests: Recorded[] = [];
  readonly results = new Map<string, UnitResult>();
  readonly conflicts: string[] = [];
  readonly finishes: FinishBody[] = [];
  readonly grants: string[] = [];
  readonly plans = new Map<string, Buffer>();
  running = new Set<string>();
  readonly script: Script = {
    down: false,
    fault: undefined,
    cancel: false,
    over: false,
    grant: () => undefined,
    rewriteWork: (work) => work,
    alterPlan: (sealed) => sealed,
    loseReply: undefined,
  };
  #work: WorkItem | undefined;
  #claimed = false;
  #credential = "";
  #fence = 40;
  #chunks = new Map<string, string[]>();

  offer(work: z.input<typeof WorkItem>): void {
    this.#work = WorkItem.parse(work);
    this.#claimed = false;
    this.#credential = `run-credential-${randomBytes(12).toString("hex")}`;
    this.results.clear();
    this.finishes.length = 0;
    this.#chunks.clear();
  }

  outputOf(unit: WorkDirspace): string {
    return (this.#chunks.get(unitKey(unit)) ?? []).join("");
  }

  everything(): string {
    return this.requests.map((each) => `${each.path}\n${each.body.toString("latin1")}`).join("\n");
  }

  async close(): Promise<void> {
    await this.shut();
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.script.down) {
      request.socket.destroy();
      return;
    }
    const body = await read(request);
    const path = request.url ?? "";
    const method = request.method ?? "";
    const authorization = request.headers.authorization ?? "";
    this.requests.push({ method, path, authorization, body, atMs: performance.now() });
    const { fault, over, loseReply } = this.script;
    if (over) return error(response, 410, "over", "This run is over.");
    if (fault !== undefined && fault.times > 0 && fault.path.test(path)) {
      fault.times -= 1;
      return error(response, fault.status, "scripted", "A scripted fault.");
    }
    const answer = this.#answer(method, path, authorization, body);
    if (loseReply !== undefined && loseReply.times > 0 && loseReply.path.test(path)) {
      loseReply.times -= 1;
      request.socket.destroy();
      return;
    }
    if ("error" in answer) return error(response, answer.error, "refused", answer.message);
    response.writeHead(answer.body === undefined ? 204 : 200, { "content-type": answer.type });
    response.end(answer.body);
  }

  #answer(method: string, path: string, authorization: string, body: Buffer): Answer {
    const work = this.#work;
    if (work === undefined) return { error: 404, message: "There is no work." };
    if (path === `/api/v1/runner/attempts/${ATTEMPT}/claim`)
      return this.#claim(work, authorization);
    const prefix = `/api/v1/runner/runs/${work.runId}/`;
    if (!path.startsWith(prefix)) return { error: 404, message: `No such path: ${path}` };
    if (authorization !== `Bearer ${this.#credential}`)
      return { error: 401, message: "Who is it?" };
    const call = path.slice(prefix.length);
    if (call.startsWith("plans/")) return this.#plan(method, call.slice("plans/".length), body);
    const value: unknown = JSON.parse(body.toString("utf8"));
    switch (call) {
      case "heartbeat":
        this.running = new Set(HeartbeatBody.parse(value).running.map(unitKey));
        return json({ cancel: this.script.cancel });
      case "output":
        return this.#output(OutputBody.parse(value));
      case "results":
        return this.#result(ResultBody.parse(value));
      case "grants":
        return this.#grant(GrantBody.parse(value), work);
      case "finish":
        this.finishes.push(FinishBody.parse(value));
        return { body: undefined, type: "text/plain" };
      default:
        return { error: 404, message: `No such call: ${call}` };
    }
  }

  #claim(work: WorkItem, authorization: string): Answer {
    if (authorization !== `Bearer ${ID_TOKEN}`) return { error: 401, message: "Who is it?" };
    if (this.#claimed) return { error: 409, message: "Another job has claimed this run." };
    this.#claimed = true;
    const rewritten = this.script.rewriteWork(structuredClone(work));
    return json({ credential: this.#credential, work: rewritten });
  }

  #plan(method: string, digest: string, body: Buffer): Answer {
    if (method === "PUT") {
      this.plans.set(digest, body);
      return { body: undefined, type: "text/plain" };
    }
    const sealed = this.plans.get(digest);
    if (sealed === undefined) return { error: 404, message: "There is no such plan." };
    return { body: this.script.alterPlan(Buffer.from(sealed)), type: "application/octet-stream" };
  }

  #output(chunk: z.infer<typeof OutputBody>): Answer {
    const chunks = this.#chunks.get(unitKey(chunk.unit)) ?? [];
    this.#chunks.set(unitKey(chunk.unit), chunks);
    if (chunk.seq === chunks.length) chunks.push(chunk.text);
    return json({ nextSeq: chunks.length });
  }

  #result(body: z.infer<typeof ResultBody>): Answer {
    const key = unitKey(body.unit);
    const before = this.results.get(key);
    if (before === undefined) this.results.set(key, body.result);
    else if (JSON.stringify(before) !== JSON.stringify(body.result)) this.conflicts.push(key);
    return json({ recorded: true });
  }

  #grant(body: z.infer<typeof GrantBody>, work: WorkItem): Answer {
    this.grants.push(unitKey(body.unit));
    const scripted = this.script.grant(body.unit);
    this.#fence += 1;
    return json(scripted ?? { kind: "granted", fence: this.#fence, sealKey: work.sealKey });
  }
}

type Answer =
  | { readonly body: string | Buffer | undefined; readonly type: string }
  | { readonly error: number; readonly message: string };

function json(value: unknown): Answer {
  return { body: JSON.stringify(value), type: "application/json" };
}

function error(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: { code, message } }));
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
