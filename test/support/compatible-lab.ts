import { sql } from "kysely";
import type { CiJob } from "../../src/ports/ci.ts";
import {
  Client,
  type ClientJob,
  type Ended,
  initiate,
  type Manifest,
  runClient,
  type Script,
  type Send,
} from "./compatible-client.ts";
import { sha } from "./core-world.ts";
import type { EngineLab } from "./engine-lab.ts";
import { HOST, type HttpLab, httpLab } from "./http-lab.ts";

export type Route = "github" | "gitlab";

export interface WorkRow {
  readonly dirspace: string;
  readonly op: string;
  readonly state: string;
  readonly result: unknown;
}

export const PLANS: Script = {
  plan: ({ path }) => ({ plan: `plan of ${path}`, text: `+ ${path}`, changes: true }),
};
export const APPLIES: Script = {
  apply: (_, plan) => ({
    text: `applied ${plan}`,
    outputs: { id: { sensitive: false, type: "string", value: "i-1" } },
  }),
};

/** A repository whose workflow file is made for an existing runner, on a real engine and database. */
export class CompatibleLab {
  readonly http: HttpLab;
  /** Of the newest pull request. */
  number = 0;

  constructor(http: HttpLab) {
    this.http = http;
    this.restart();
  }

  get engine(): EngineLab {
    return this.http.lab;
  }

  /** The CI system answers as usual again; jobs that nobody ended would keep those of later tests waiting. */
  async endJobs(): Promise<void> {
    for (const { attempt } of this.engine.ci.started.splice(0)) {
      await this.engine.engine.ciEnded(attempt, "cancelled");
    }
    await this.engine.drain();
    this.restart();
  }

  restart(tellsRun = true): void {
    this.engine.ci.answer = (job) => {
      if (job.existing === undefined) {
        return { kind: "existing_runner", workflow: "7", path: ".github/workflows/terrateam.yml" };
      }
      const ciRun = tellsRun ? `ci-${job.attempt}` : undefined;
      return { kind: "started", ciRun, url: undefined };
    };
  }

  readonly send: Send = (url, init) =>
    this.http.ask(url.replace(`http://${HOST}`, ""), {
      method: init.method ?? "GET",
      headers: init.headers as Record<string, string>,
      ...(init.body === undefined || init.body === null
        ? {}
        : { bytes: Buffer.from(init.body as string) }),
    });

  /** Opens a pull request, and does what follows by itself. */
  async open(files?: readonly string[]): Promise<void> {
    this.number += 1;
    const changed = files ?? [`c${this.number}/main.tf`];
    this.engine.vcs.files = [...this.engine.vcs.files, ...changed];
    await this.engine.open(this.number, changed);
  }

  /** The same, where a job is then waiting for its runner. */
  async opened(files?: readonly string[]): Promise<CiJob & { readonly number: number }> {
    await this.open(files);
    return { ...this.lastJob(), number: this.number };
  }

  lastJob(): CiJob {
    const job = this.engine.ci.started.at(-1);
    if (job?.existing === undefined) throw new Error("no job of an existing runner was started");
    return job;
  }

  clientJob(job: CiJob, change: Partial<ClientJob> = {}, route: Route = "github"): ClientJob {
    return {
      apiBaseUrl: `http://${HOST}/api/${route}`,
      workToken: job.existing?.workToken ?? "",
      runId: `ci-${job.attempt}`,
      sha: sha(100 + this.number),
      fetchesToken: route === "github",
      ...change,
    };
  }

  /** What its results lead to is decided before it asks for more. */
  async run(job: ClientJob, script: Script): Promise<Ended> {
    const send: Send = async (url, init) => {
      const response = await this.send(url, init);
      if (init.method === "PUT") await this.engine.drain();
      return response;
    };
    const ended = await runClient(job, script, send, 1);
    await this.engine.drain();
    return ended;
  }

  async planned(script: Script = PLANS): Promise<number> {
    const job = await this.opened();
    await this.run(this.clientJob(job), script);
    return job.number;
  }

  /** An apply whose job waits for its runner. */
  async applying(of: number): Promise<CiJob> {
    await this.engine.say(of, "ann", "terrane apply");
    return this.lastJob();
  }

  /** The manifest of a job that has come, for calls out of the ordinary. */
  async begun(job: CiJob): Promise<{ readonly client: Client; readonly manifest: Manifest }> {
    const at = this.clientJob(job);
    const manifest = await initiate(at, this.send, 1);
    return { manifest, client: this.client(at, manifest) };
  }

  client(job: ClientJob, manifest: Manifest): Client {
    return new Client(job, manifest, {}, this.send, 1);
  }

  async works(of: number): Promise<readonly WorkRow[]> {
    const { rows } = await sql<WorkRow>`
      select dirspace.dir as dirspace, work.op, work.state, work.result from work
      join dirspace on dirspace.id = work.dirspace_id
      join pull_request on pull_request.id = work.pull_request_id
      join run on run.id = work.run_id
      where pull_request.number = ${of} order by run.number, work.seq
    `.execute(this.engine.database.statements);
    return rows;
  }

  async outcomes(of: number): Promise<readonly (string | null)[]> {
    const { rows } = await sql<{ outcome: string | null }>`
      select run.outcome from run join pull_request on pull_request.id = run.pull_request_id
      where pull_request.number = ${of} order by run.number
    `.execute(this.engine.database.statements);
    return rows.map(({ outcome }) => outcome);
  }

  async switchInstallations(on: boolean): Promise<void> {
    await sql`update installation set compatible_runners = ${on}`.execute(
      this.engine.database.statements,
    );
  }

  comment(of: number): string {
    return [...this.engine.vcs.comments].find(([id]) => id.startsWith(`${of}:`))?.[1] ?? "";
  }
}

export async function compatibleLab(): Promise<CompatibleLab> {
  return new CompatibleLab(await httpLab());
}

/** Status and code of a refusal. */
export async function codeOf(response: Response): Promise<string> {
  const body = (await response.json()) as { error?: { code?: string } };
  return `${response.status} ${body.error?.code ?? ""}`;
}
