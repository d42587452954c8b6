import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BodyOf, Params, ReplyOf, RouteName } from "../../../src/contract/api.ts";
import { call } from "../../../src/contract/client.ts";
import type { PullRequestDetail } from "../../../src/contract/views.ts";
import type { ChaosServer } from "./server.ts";

const TRY_MS = 60_000;
const STEP_MS = 180_000;
/** Longer than any chain of failures that a seed has shown; a person would long have asked for help. */
const COMMANDS_MAX = 60;

/** Somebody who opens pull requests and keeps commanding until they are applied, whatever is killed meanwhile. */
export class Person {
  readonly #server: ChaosServer;
  readonly #work: string;
  #repository = "";
  refusals = 0;
  retries = 0;

  constructor(server: ChaosServer) {
    this.#server = server;
    this.#work = mkdtempSync(join(tmpdir(), "terrane-chaos-work-"));
  }

  async prepare(files: Readonly<Record<string, string>>): Promise<void> {
    const created = await this.#api("createRepository", {}, { name: "chaos" });
    this.#repository = created.id;
    await this.#api("putPerson", { repository: created.id }, { login: "bob", permission: "admin" });
    this.#git("init", "--quiet", "--initial-branch=main");
    this.#git("remote", "add", "origin", created.cloneUrl ?? "");
    this.#write(files);
    this.#git("push", "--quiet", "origin", "main");
  }

  /** One pull request from open to merged. */
  async journey(
    round: number,
    files: Readonly<Record<string, string>>,
  ): Promise<PullRequestDetail> {
    const branch = `round-${round}`;
    this.#git("fetch", "--quiet", "origin");
    this.#git("checkout", "--quiet", "-B", branch, "origin/main");
    this.#write(files);
    this.#git("push", "--quiet", "--force", "origin", branch);
    const number = await this.#open(branch);
    for (let n = 0; n < COMMANDS_MAX; n++) {
      let detail = await this.#settled(number);
      if (isDone(detail) && detail.state === "open") detail = await this.#merge(number);
      // What was killed after the merge is done after the merge: nothing may be left locked.
      if (isDone(detail) && detail.locks === 0) return detail;
      const ready = detail.dirspaces.some((one) => one.phase === "planned");
      const broken = detail.dirspaces.some((one) => BROKEN.has(one.phase));
      if (n > 0) this.retries += 1;
      await this.#command(
        number,
        broken ? "terrane plan" : ready ? "terrane apply" : "terrane plan",
      );
    }
    const { notice, dirspaces, decisions } = await this.detail(number);
    const phases = dirspaces.map((one) => [one.key, one.phase, one.failure]);
    const last = decisions.slice(0, 8);
    const shown = JSON.stringify({ notice, phases, last }, null, 1);
    throw new Error(`#${number} was not applied after ${COMMANDS_MAX} commands: ${shown}`);
  }

  end(): void {
    rmSync(this.#work, { recursive: true, force: true });
  }

  detail(number: number): Promise<PullRequestDetail> {
    return this.#api("pullRequest", { repository: this.#repository, number });
  }

  async locks(): Promise<number> {
    return (await this.#api("locks", {})).length;
  }

  async #open(branch: string): Promise<number> {
    const known = (await this.#api("pullRequests", {})).find((one) => one.headRef === branch);
    if (known !== undefined) return known.number;
    const body = { title: branch, head: branch, base: "main", as: "ann" };
    try {
      return (await this.#api("openPullRequest", { repository: this.#repository }, body)).number;
    } catch (error) {
      // The first try may have opened it and lost its answer; the refusal of the second names it.
      const [, number] = /#(\d+) /.exec(String(error)) ?? [];
      if (number === undefined) throw error;
      return Number(number);
    }
  }

  async #merge(number: number): Promise<PullRequestDetail> {
    const params = { repository: this.#repository, number };
    await this.#api("merge", params, { as: "bob" }).catch(async (error: unknown) => {
      if ((await this.detail(number)).state !== "merged") throw error;
    });
    return this.#settled(number, (detail) => detail.state === "merged");
  }

  async #command(number: number, text: string): Promise<void> {
    const before = await this.detail(number);
    const params = { repository: this.#repository, number };
    await this.#api("comment", params, { body: text, as: "bob" });
    const after = await this.#settled(
      number,
      (detail) => detail.notice !== null && detail.notice.at !== before.notice?.at,
    );
    if (after.notice?.outcome === "refused") this.refusals += 1;
  }

  async #settled(
    number: number,
    until: (detail: PullRequestDetail) => boolean = (detail) => detail.decisions.length > 0,
  ): Promise<PullRequestDetail> {
    const deadline = performance.now() + STEP_MS;
    for (;;) {
      const detail = await this.detail(number);
      if (detail.settled && until(detail)) return detail;
      if (performance.now() > deadline) {
        const shown = { ...detail, comment: undefined, local: undefined };
        throw new Error(`#${number} did not come to rest: ${JSON.stringify(shown)}`);
      }
      await sleep(200);
    }
  }

  /** Servers are killed under our hands: a call is made until it has an answer. */
  async #api<N extends RouteName>(name: N, params: Params, body?: BodyOf<N>): Promise<ReplyOf<N>> {
    const deadline = performance.now() + TRY_MS;
    for (;;) {
      const reply = await call(
        (path, init) =>
          fetch(new URL(path, this.#server.url), {
            method: init.method,
            headers: { ...init.headers, authorization: `Bearer ${this.#server.token()}` },
            ...(init.body === undefined ? {} : { body: init.body }),
          }),
        name,
        params,
        body,
      ).catch((error: unknown) => String(error));
      if (typeof reply !== "string") {
        if (reply.kind === "ok") return reply.value;
        // A pull request is shown once its first event was heard.
        const early = reply.status === 404 && name === "pullRequest";
        if (reply.status < 500 && !early)
          throw new Error(`${name}: ${reply.code} ${reply.message}`);
      }
      if (performance.now() > deadline)
        throw new Error(`${name} had no answer: ${JSON.stringify(reply)}`);
      await sleep(150);
    }
  }

  #write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.#work, path)), { recursive: true });
      writeFileSync(join(this.#work, path), text);
    }
    this.#git("add", "--all");
    this.#git("commit", "--quiet", "--allow-empty", "--message", "Change");
  }

  #git(...args: readonly string[]): void {
    const identity = ["-c", "user.name=ann", "-c", "user.email=ann@localhost"];
    execFileSync("git", [...identity, "-c", "safe.directory=*", ...args], {
      cwd: this.#work,
      stdio: ["ignore", "ignore", "pipe"],
    });
  }
}

const BROKEN: ReadonlySet<string> = new Set(["plan_failed", "apply_failed", "stale", "unplanned"]);

function isDone(detail: PullRequestDetail): boolean {
  return detail.dirspaces.every((one) => one.phase === "applied" || one.phase === "unchanged");
}
