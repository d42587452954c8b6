import { setTimeout as sleep } from "node:timers/promises";

/**
 * An existing runner as its wire contract describes it, and nothing of ours: it knows no file of the server. The tools
 * that it would call are a script; what it sends, in which order, when it tries again and how it ends are as described.
 */

export interface ClientJob {
  /** The inputs of the job. */
  readonly apiBaseUrl: string;
  readonly workToken: string;
  /** `GITHUB_RUN_ID` and `GITHUB_SHA`, or `CI_JOB_ID` and `CI_COMMIT_SHA`. */
  readonly runId: string;
  readonly sha: string;
  /** On one of them it fetches a token first, as a hook and as the first step of every directory. */
  readonly fetchesToken: boolean;
}

export interface ClientDirspace {
  readonly path: string;
  readonly workspace: string;
  readonly workflow?: number;
  readonly stack_name?: string;
}

export type Planned =
  | { readonly plan: string; readonly text: string; readonly changes: boolean }
  | { readonly fails: string };
export type Applied =
  | { readonly text: string; readonly outputs?: object }
  | { readonly fails: string };

/** What its tools do. */
export interface Script {
  plan?: (dirspace: ClientDirspace) => Planned | Promise<Planned>;
  apply?: (dirspace: ClientDirspace, plan: string) => Applied | Promise<Applied>;
  /** The index of each directory; a text is what a failing indexer printed. */
  index?: (dirs: readonly string[]) => Record<string, { modules: string[] }> | string;
  /**
   * What the script of a builder prints, which it finds in the configuration. A config builder reads that
   * configuration; a tree builder prints a bare array. An exception is a script that ends with 1.
   */
  buildConfig?: (script: string, stdin: unknown) => unknown;
  buildTree?: (script: string) => readonly object[];
  /** Steps of hooks that fail. */
  preHook?: string;
  postHook?: string;
  /** Steps of hooks as they are, after the directories. */
  postSteps?: readonly object[];
  gates?: readonly object[];
  /** Sends the older format of results, as when the manifest asks for no newer one. */
  version1?: boolean;
  /** Between the last step and the results. */
  beforeResults?: () => Promise<void>;
  envelope?: (plan: string) => string;
}

export interface Manifest {
  readonly type: string;
  readonly token?: string;
  readonly changed_dirspaces?: readonly ClientDirspace[];
  readonly dirs?: readonly string[];
  readonly [key: string]: unknown;
}

export interface Ended {
  /** 0 unless it crashed; a failed plan is no crash. */
  readonly code: 0 | 1;
  readonly log: readonly string[];
  readonly manifests: readonly Manifest[];
}

export type Send = (url: string, init: RequestInit) => Promise<Response>;

const TRIES = 5;
const MANIFESTS_MAX = 10;

export async function runClient(
  job: ClientJob,
  script: Script,
  send: Send = fetch,
  pauseMs = 1_000,
): Promise<Ended> {
  const log: string[] = [];
  const manifests: Manifest[] = [];
  try {
    for (;;) {
      const manifest = await initiate(job, send, pauseMs);
      manifests.push(manifest);
      if (manifest.type === "done") {
        if (manifests.length === 1) log.push("manual re-runs not supported");
        return { code: 0, log, manifests };
      }
      if (manifests.length > MANIFESTS_MAX) throw new Error("unexpected loop");
      await work(new Client(job, manifest, script, send, pauseMs, log));
    }
  } catch (error) {
    log.push(error instanceof Error ? error.message : String(error));
    return { code: 1, log, manifests };
  }
}

export async function initiate(
  job: ClientJob,
  send: Send = fetch,
  pauseMs = 1_000,
): Promise<Manifest> {
  const url = `${job.apiBaseUrl}/v1/work-manifests/${job.workToken}/initiate`;
  const init = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ run_id: job.runId, sha: job.sha }),
  };
  const response = await tried(send, url, init, pauseMs);
  if (response.status === 404) throw new Error("manual run not supported");
  if (response.status !== 200)
    throw new Error(`initiate: ${response.status} ${await response.text()}`);
  return (await response.json()) as Manifest;
}

/** Any exception, 429 and 5xx are tried again; the last answer counts. */
async function tried(
  send: Send,
  url: string,
  init: RequestInit,
  pauseMs: number,
): Promise<Response> {
  let pause = pauseMs;
  for (let n = 1; ; n += 1) {
    try {
      const response = await send(url, init);
      const again = response.status === 429 || response.status >= 500;
      if (!again || n === TRIES) return response;
    } catch (error) {
      if (n === TRIES) throw error;
    }
    await sleep(pause);
    pause *= 1.5;
  }
}

interface Step {
  readonly step: string;
  readonly success: boolean;
  readonly ignore_errors: boolean;
  readonly scope: object;
  readonly payload: Readonly<Record<string, unknown>>;
}

export class Client {
  readonly job: ClientJob;
  readonly manifest: Manifest;
  readonly script: Script;
  readonly log: string[];
  readonly #send: Send;
  readonly #pauseMs: number;

  constructor(
    job: ClientJob,
    manifest: Manifest,
    script: Script,
    send: Send = fetch,
    pauseMs = 1_000,
    log: string[] = [],
  ) {
    this.job = job;
    this.manifest = manifest;
    this.script = script;
    this.#send = send;
    this.#pauseMs = pauseMs;
    this.log = log;
  }

  call(method: string, path: string, body?: unknown): Promise<Response> {
    const url = `${this.job.apiBaseUrl}/v1/work-manifests/${this.job.workToken}${path}`;
    const init = {
      method,
      headers: {
        authorization: `bearer ${this.manifest.token ?? ""}`,
        "content-type": "application/json",
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    return tried(this.#send, url, init, this.#pauseMs);
  }

  async put(results: unknown): Promise<void> {
    const response = await this.call("PUT", "", results);
    if (response.status !== 200) {
      throw new Error(`results: ${response.status} ${await response.text()}`);
    }
  }

  /** The step that stands before all others, where the VCS has such tokens. */
  async tokenStep(scope: object): Promise<Step[]> {
    if (!this.job.fetchesToken) return [];
    const step = { step: "auth/update-terrateam-github-token", ignore_errors: false, scope };
    const response = await this.call("POST", "/access-token");
    if (response.status === 200) {
      const { access_token: token } = (await response.json()) as { access_token: string };
      this.log.push(`token ${token.slice(0, 4)}`);
      return [{ ...step, success: true, payload: { visible_on: "error" } }];
    }
    const text = `${response.status} ${await response.text()}`;
    return [{ ...step, success: false, payload: { text, visible_on: "error" } }];
  }
}

async function work(client: Client): Promise<void> {
  switch (client.manifest.type) {
    case "plan":
    case "apply":
      return await operate(client);
    case "index": {
      const { index } = client.script;
      const found = index?.(client.manifest.dirs ?? []) ?? {};
      // A failing indexer's words are sent as they are.
      if (typeof found === "string") return await client.put(found);
      return await client.put({ version: 1, success: true, paths: found, symlinks: {} });
    }
    case "build-config": {
      const { buildConfig = () => ({}) } = client.script;
      return await built(client, "config_builder", (script, stdin) => ({
        config: buildConfig(script, stdin),
      }));
    }
    case "build-tree": {
      const { buildTree = () => [] } = client.script;
      return await built(client, "tree_builder", (script) => ({ files: buildTree(script) }));
    }
    default:
      throw new Error(`unknown manifest ${client.manifest.type}`);
  }
}

/** Runs the script that the configuration has for it, and sends what it printed or what it failed with. */
async function built(
  client: Client,
  builder: string,
  run: (script: string, stdin: unknown) => object,
): Promise<void> {
  const config = client.manifest["config"] as Readonly<Record<string, { script?: string }>>;
  const script = config[builder]?.script ?? "";
  let results: object;
  try {
    results = run(script, config);
  } catch (error) {
    results = { msg: error instanceof Error ? error.message : String(error) };
  }
  await client.put(results);
}

async function operate(client: Client): Promise<void> {
  const { manifest, script } = client;
  const steps: Step[] = await client.tokenStep(hook("pre"));
  if (script.preHook !== undefined) steps.push(failedHook("pre", script.preHook));
  if (steps.some((step) => !step.success)) return await client.put({ steps });
  for (const dirspace of manifest.changed_dirspaces ?? []) {
    steps.push(...(await oneDirspace(client, dirspace)));
  }
  if (script.postHook !== undefined) steps.push(failedHook("post", script.postHook));
  steps.push(...((script.postSteps ?? []) as Step[]));
  await script.beforeResults?.();
  if (script.version1 === true) return await client.put(toVersion1(steps));
  const gates = script.gates ?? [];
  await client.put({ steps, ...(gates.length > 0 ? { gates } : {}) });
}

async function oneDirspace(client: Client, dirspace: ClientDirspace): Promise<Step[]> {
  const scope = { type: "dirspace", dir: dirspace.path, workspace: dirspace.workspace };
  const steps = await client.tokenStep(scope);
  if (steps.some((step) => !step.success)) return steps;
  steps.push({
    step: "tf/init",
    success: true,
    ignore_errors: false,
    scope,
    payload: { text: "Initialized", visible_on: "error" },
  });
  const step = client.manifest.type === "plan" ? planStep : applyStep;
  return [...steps, { ...(await step(client, dirspace)), ignore_errors: false, scope }];
}

type Outcome = Pick<Step, "step" | "success" | "payload">;

async function planStep(client: Client, dirspace: ClientDirspace): Promise<Outcome> {
  const planned = (await client.script.plan?.(dirspace)) ?? { fails: "nothing was scripted" };
  if ("fails" in planned) return failed("tf/plan", planned.fails);
  const wrapped = client.script.envelope?.(planned.plan) ?? terrateam(planned.plan);
  const stored = await client.call("POST", "/plans", {
    path: dirspace.path,
    workspace: dirspace.workspace,
    plan_data: Buffer.from(wrapped).toString("base64"),
    has_changes: planned.changes,
  });
  if (stored.status !== 200) {
    const why = `Could not store plan file, with the following error\n${await stored.text()}`;
    return failed("tf/plan", why);
  }
  return {
    step: "tf/plan",
    success: true,
    payload: {
      plan: planned.text,
      text: planned.text,
      has_changes: planned.changes,
      visible_on: "always",
    },
  };
}

async function applyStep(client: Client, dirspace: ClientDirspace): Promise<Outcome> {
  const { path, workspace } = dirspace;
  const query = new URLSearchParams({ path, workspace });
  const response = await client.call("GET", `/plans?${query.toString()}`);
  if (response.status !== 200) return failed("tf/apply", `Could not load plan: ${response.status}`);
  const { data } = (await response.json()) as { data: string };
  const applied = (await client.script.apply?.(dirspace, unwrapped(data))) ?? {
    fails: "nothing was scripted",
  };
  if ("fails" in applied) return failed("tf/apply", applied.fails);
  const { text, outputs } = applied;
  const payload = { text, ...(outputs === undefined ? {} : { outputs }), visible_on: "always" };
  return { step: "tf/apply", success: true, payload };
}

function failed(step: string, text: string): Outcome {
  return { step, success: false, payload: { text, visible_on: "always" } };
}

/** The default envelope. */
export function terrateam(plan: string): string {
  const data = Buffer.from(plan).toString("base64");
  return JSON.stringify({ method: "terrateam", version: 1, data });
}

function unwrapped(data: string): string {
  const text = Buffer.from(data, "base64").toString();
  if (!text.startsWith("{")) return text;
  const envelope = JSON.parse(text) as { method: string; data?: string };
  return envelope.method === "terrateam"
    ? Buffer.from(envelope.data ?? "", "base64").toString()
    : text;
}

function hook(subflow: string): object {
  return { type: "run", flow: "hooks", subflow };
}

function failedHook(subflow: string, text: string): Step {
  return {
    step: "run",
    success: false,
    ignore_errors: false,
    scope: hook(subflow),
    payload: { text, cmd: ["./hook.sh"], exit_code: 1, visible_on: "failure" },
  };
}

/** As it converts its steps for servers that know the older format only. */
function toVersion1(steps: readonly Step[]): object {
  const isHook = ({ scope }: Step, subflow: string) =>
    "subflow" in scope && scope.subflow === subflow;
  const output = ({ step, success, payload }: Step) => ({
    workflow_step: { type: step.replace("tf/", "") },
    success,
    outputs: payload,
  });
  const dirspaces = new Map<string, Step[]>();
  for (const step of steps) {
    if (!("dir" in step.scope)) continue;
    const key = JSON.stringify(step.scope);
    dirspaces.set(key, [...(dirspaces.get(key) ?? []), step]);
  }
  return {
    overall: {
      success: steps.every((step) => step.success),
      outputs: {
        pre: steps.filter((step) => isHook(step, "pre")).map(output),
        post: steps.filter((step) => isHook(step, "post")).map(output),
      },
    },
    dirspaces: [...dirspaces].map(([key, own]) => {
      const { dir, workspace } = JSON.parse(key) as { dir: string; workspace: string };
      return {
        path: dir,
        workspace,
        success: own.every((step) => step.success),
        outputs: own.map(output),
      };
    }),
  };
}
