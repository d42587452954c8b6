import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { present } from "../../src/base/assert.ts";
import type { InstallationId, PullRequestId } from "../../src/core/ids.ts";
import type { PullRequestView } from "../../src/core/pull-request.ts";
import type { VcsHappening } from "../../src/core/vcs-event.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Database } from "../../src/store/pool.ts";
import { person, sha } from "../../test/support/core-world.ts";
import { FakeCi, FakeVcs } from "../../test/support/fake-vcs.ts";
import { benchEngine } from "./bench-engine.ts";
import { CallCounter } from "./count-calls.ts";
import { countQueries, type QueryCounter, type QueryCounts } from "./count-queries.ts";

export interface Sample {
  /** Without the time inside the VCS and the CI system. */
  readonly ownMs: number;
  readonly database: QueryCounts;
  readonly vcsReads: ReadonlyMap<string, number>;
  /** Afterwards, until nothing is left to do. */
  readonly vcsWrites: ReadonlyMap<string, number>;
  readonly walBytes: number;
  /** As many round trips that do nothing, one after the other. */
  readonly chainMs: number;
}

/** The real engine and store between a VCS and a CI system that answer at once. */
export class DispatchWorld {
  /** For looking on, so that it is not counted. */
  readonly #aside: Database;
  readonly #counter: QueryCounter;
  readonly #vcs = new FakeVcs();
  readonly #calls = new CallCounter();
  readonly #engine: Engine;
  readonly #dirs: readonly string[];
  #startCalled: (() => void) | undefined;
  #number = 0;

  /** Both databases are the same one. */
  constructor(database: Database, aside: Database, directories: number) {
    this.#aside = aside;
    this.#counter = countQueries(database.pool);
    this.#dirs = Array.from({ length: directories }, (_, index) => `live/service-${index}`);
    this.#vcs.files = this.#dirs.flatMap((dir) => [`${dir}/main.tf`, `${dir}/prod.tfvars`]);
    const ci = new FakeCi();
    ci.answer = (job) => {
      this.#startCalled?.();
      return { kind: "started", ciRun: `ci-${job.attempt}`, url: undefined };
    };
    const vcs = this.#calls.wrap(this.#vcs);
    this.#engine = benchEngine(database, { vcs, ci });
  }

  /** One new pull request in a repository of its own, so that samples do not see each other. */
  async sample(dirspaces: number): Promise<Sample> {
    this.#number += 1;
    const number = this.#number;
    this.#vcs.views.set(number, viewOf(number));
    this.#vcs.changed.set(
      number,
      this.#dirs.slice(0, dirspaces).map((dir) => ({ kind: "modified", path: `${dir}/main.tf` })),
    );
    // The repository is known already, as it is for every delivery but its first.
    await this.#hear(number, { kind: "branch_pushed", branch: "main", after: sha(1) });
    const walBefore = await this.#walPosition();
    this.#calls.reset();
    this.#counter.reset();
    const timer = new Stopwatch();

    const opened = { kind: "pull_request", number, action: "opened" } as const;
    await timer.time(() => this.#hear(number, opened));
    const id = await this.#pullRequestId(number);
    const installation = await this.#installationId();
    await timer.time(() => this.#engine.advance(id));
    await timer.time(() => this.#engine.admit(installation));
    const effect = await this.#dispatchEffect(id);
    const atStart = new Promise<QueryCounts>((resolve) => {
      this.#startCalled = () => {
        timer.stop();
        resolve(this.#counter.counts());
      };
    });
    const performed = timer.time(() => this.#engine.perform(effect));
    const database = await atStart;
    const ownMs = timer.ms - this.#calls.insideMs;
    const vcsReads = new Map(this.#calls.calls);
    await performed;
    const walBytes = (await this.#walPosition()) - walBefore;

    this.#calls.reset();
    await this.#drain();
    const vcsWrites = new Map(this.#calls.calls);
    const chainMs = await this.#chain(database.roundTrips);
    return { ownMs, database, vcsReads, vcsWrites, walBytes, chainMs };
  }

  #hear(number: number, what: VcsHappening): Promise<unknown> {
    return this.#engine.receive("fake", {
      deliveryId: randomUUID(),
      installation: "host",
      repository: { id: `repo-${number}`, fullName: "acme/infra", defaultBranch: "main" },
      what,
    });
  }

  async #pullRequestId(number: number): Promise<PullRequestId> {
    const { rows } = await sql<{ id: PullRequestId }>`
      select id from pull_request where number = ${number}
    `.execute(this.#aside.statements);
    return present(rows[0], "the pull request was stored").id;
  }

  async #installationId(): Promise<InstallationId> {
    const { rows } = await sql<{ id: InstallationId }>`select id from installation`.execute(
      this.#aside.statements,
    );
    return present(rows[0], "the installation was stored").id;
  }

  async #dispatchEffect(id: PullRequestId): Promise<string> {
    const { rows } = await sql<{ key: string }>`
      select key from outbox where pull_request_id = ${id} and effect ->> 'kind' = 'dispatch'
    `.execute(this.#aside.statements);
    return present(rows[0], "a job is to be started").key;
  }

  async #walPosition(): Promise<number> {
    const { rows } = await sql<{ at: string }>`
      select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as at
    `.execute(this.#aside.statements);
    return Number(present(rows[0], "the position of the log").at);
  }

  async #drain(): Promise<void> {
    for (let busy = true; busy; ) {
      busy = false;
      const { rows: events } = await sql<{ id: PullRequestId }>`
        select distinct pull_request_id as id from event where state = 'pending'
      `.execute(this.#aside.statements);
      for (const { id } of events) {
        busy = true;
        await this.#engine.advance(id);
      }
      const { rows: wishes } = await sql<{ key: string }>`
        select key from outbox where done < wanted and not dead order by priority, seq
      `.execute(this.#aside.statements);
      for (const { key } of wishes) {
        busy = true;
        await this.#engine.perform(key);
      }
    }
  }

  async #chain(roundTrips: number): Promise<number> {
    const client = await this.#aside.pool.connect();
    const began = performance.now();
    for (let trip = 0; trip < roundTrips; trip += 1) await client.query("select 1");
    const ms = performance.now() - began;
    client.release();
    return ms;
  }
}

/** Adds up stretches of time; what lies between them does not count. */
class Stopwatch {
  ms = 0;
  #since: number | undefined;

  async time<T>(work: () => Promise<T>): Promise<T> {
    this.#since = performance.now();
    try {
      return await work();
    } finally {
      this.stop();
    }
  }

  stop(): void {
    if (this.#since !== undefined) this.ms += performance.now() - this.#since;
    this.#since = undefined;
  }
}

function viewOf(number: number): PullRequestView {
  return {
    number,
    title: `Pull request ${number}`,
    author: person("ann"),
    state: "open",
    draft: false,
    fromFork: false,
    headRef: `feature-${number}`,
    headSha: sha(1_000 + number),
    baseRef: "main",
    baseSha: sha(1),
    defaultBranch: "main",
    defaultBranchSha: sha(1),
    mergeable: "clean",
    mergeSha: undefined,
    reviews: [],
    url: undefined,
  };
}
