import { createHash, createHmac } from "node:crypto";
import { type Prng, prng } from "../../../src/base/prng.ts";
import type { CommitSha } from "../../../src/core/ids.ts";
import type { PullRequestView } from "../../../src/core/pull-request.ts";
import type { VcsEvent, VcsHappening } from "../../../src/core/vcs-event.ts";
import { createCentralHeads } from "../../../src/engine/central-heads.ts";
import { createEngine, type Engine } from "../../../src/engine/engine.ts";
import { createLanes } from "../../../src/engine/lanes.ts";
import { createLooks } from "../../../src/engine/looks.ts";
import { ENGINE_LIMITS, type EnginePorts } from "../../../src/engine/ports.ts";
import type { ClaimedRun, Session } from "../../../src/ports/runner-store.ts";
import { person, sha } from "../core-world.ts";
import { FakeCi, FakeVcs } from "../fake-vcs.ts";
import { quiet } from "../quiet.ts";
import { uuid } from "./given-id.ts";
import type { Twins } from "./twins.ts";

export interface HistorySession extends Session {
  readonly units: ClaimedRun["units"];
  readonly credential: string;
}

/** A small world around two stores that are asked as one. */
export interface HistoryWorld {
  readonly twins: Twins;
  readonly random: Prng;
  readonly engine: Engine;
  readonly vcs: FakeVcs;
  readonly ci: FakeCi;
  readonly deliveries: VcsEvent[];
  readonly sessions: HistorySession[];
  readonly uuid: () => string;
  readonly commit: () => CommitSha;
  hear(what: VcsHappening, from?: typeof CENTRAL): Promise<void>;
  change(number: number, change: (view: PullRequestView) => Partial<PullRequestView>): void;
}

const DIRS = ["app", "dns", "net"] as const;
export const NUMBERS = [1, 2, 3, 4, 5] as const;
/** Those of one repository. */
export const MEETING = [1, 2, 3] as const;

/** Pull requests of the first repository meet; the others share its installation with it, or only the server. */
const FIRST = { id: "repo-1", fullName: "acme/infra", installation: "host" };
/** What it says counts for the first two. */
export const CENTRAL = { id: "central", fullName: "acme/terrane", installation: "host" };
const REPOSITORIES = {
  1: FIRST,
  2: FIRST,
  3: FIRST,
  4: { id: "repo-2", fullName: "acme/apps", installation: "host" },
  5: { id: "repo-3", fullName: "other/infra", installation: "other" },
} as const;

const CONFIGS = [
  undefined,
  "version: '1'\ndirs:\n  app:\n    when_modified:\n      depends_on: 'dir:net'\n",
  "version: '1'\nworkflows:\n  - tag_query: ''\n    lock_policy: apply\n",
  "version: '1'\nworkflows:\n  - tag_query: ''\n    lock_policy: merge\n    environment: prod\n",
  "version: '1'\nworkflows:\n  - tag_query: ''\n    lock_policy: none\n",
  "version: '1'\nwhen_modified:\n  autoapply: true\n",
  "version: '1'\nindexer:\n  enabled: true\n",
  "tree_builder: {enabled: true, script: ./files}\nconfig_builder: {enabled: true, script: ./config}\n",
  "config_builder: {enabled: true, script: ./config}\nindexer: {enabled: true}\n",
  "notifications: {policies: [{tag_query: 'dir:net', comment_strategy: delete}, {tag_query: '', comment_strategy: minimize}]}\n",
  "version: '1'\nindexer:\n  enabled: true\ndirs:\n  app:\n    when_modified:\n      depends_on: 'dir:net'\n",
] as const;

export function createWorld(twins: Twins, seed: number): HistoryWorld {
  const random = prng(seed);
  const [vcs, ci] = [new FakeVcs(), new FakeCi()];
  const ids = random.fork();
  let [commits, count] = [10, 0];
  const newId = () => uuid(`${seed}/${++count}`);
  const commit = () => sha(++commits);
  const deliveries: VcsEvent[] = [];
  vcs.config = random.pick(CONFIGS);
  vcs.files = DIRS.map((dir) => `${dir}/main.tf`);
  for (const number of NUMBERS) {
    const dirs = DIRS.filter(() => random.chance(0.6));
    const files = dirs.map((dir) => `${dir}/main.tf`);
    vcs.changed.set(
      number,
      files.map((path) => ({ kind: "modified", path })),
    );
    vcs.views.set(number, firstView(number, commit()));
  }
  const ports: EnginePorts = {
    store: twins.store,
    runners: twins.runners,
    vcs: new Map([["fake", vcs]]),
    ci: new Map([["fake", ci]]),
    centralHeads: createCentralHeads(twins.now),
    lanes: createLanes(twins.now),
    looks: createLooks(twins.now, 0),
    random: {
      uuid: newId,
      bytes: (length) => Uint8Array.from({ length }, () => ids.below(256)),
    },
    secrets: {
      sha256: (bytes) => createHash("sha256").update(bytes).digest(),
      deriveKey: (purpose) => createHmac("sha256", "history").update(purpose).digest(),
    },
    log: quiet,
    serverUrl: () => "http://127.0.0.1:1",
    limits: ENGINE_LIMITS,
    commentWords: [],
    existingRunners: new Map(),
  };
  const engine = createEngine(ports);
  return {
    twins,
    random,
    engine,
    vcs,
    ci,
    deliveries,
    sessions: [],
    uuid: newId,
    commit,
    async hear(what, from) {
      const number = "number" in what ? what.number : random.pick(NUMBERS);
      const place = from ?? REPOSITORIES[number as (typeof NUMBERS)[number]];
      const { id, installation } = place;
      const renamed = random.chance(0.03) ? `-${random.below(3)}` : "";
      const repository = { id, fullName: place.fullName + renamed, defaultBranch: "main" };
      const event = { deliveryId: newId(), installation, repository, what };
      deliveries.push(event);
      await engine.receive("fake", event);
    },
    change(number, change) {
      const view = vcs.views.get(number);
      if (view !== undefined) vcs.views.set(number, { ...view, ...change(view) });
    },
  };
}

function firstView(number: number, headSha: CommitSha): PullRequestView {
  return {
    number,
    title: `Pull request ${number}`,
    author: person("ann"),
    state: "open",
    draft: false,
    fromFork: false,
    headRef: `feature-${number}`,
    headSha,
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
