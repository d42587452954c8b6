import { type CentralRead, sourcesOfCentral, unreadableCentral } from "../core/configured.ts";
import type { ConfigFile } from "../core/fact.ts";
import { type CommitSha, parseCommitSha } from "../core/ids.ts";
import type { FileChange } from "../core/pull-request.ts";
import { centralFiles, configAt, VcsUnavailable } from "../engine/answer.ts";
import type { CentralHeads } from "../engine/central-heads.ts";
import type { Adapters } from "../ports/adapters.ts";
import type { Vcs, VcsResult } from "../ports/vcs.ts";
import type { RepositoryRecord } from "../ports/view-store.ts";
import { busy, notFound, vcsProblem } from "./errors.ts";
import { Recent } from "./recent.ts";

/** Somebody who types asks twice a second; the branch is looked up this seldom meanwhile. */
const BRANCH_MS = 15_000;
const HOUR_MS = 3_600_000;
/** A tree of 100,000 paths takes some ten megabytes. */
const TREES_MAX = 4;
const CONFIGS_MAX = 32;
const BRANCHES_MAX = 1_000;

/** Reads what configuration pages show, from the VCS and with its budget. Failures are Problems. */
export interface ConfigurationReader {
  /** Of a branch or a full commit id, as it is now. */
  commit(repository: RepositoryRecord, ref: string): Promise<CommitSha>;
  /** The newest commit of the default branch, or the newest of a moment ago. */
  recentCommit(repository: RepositoryRecord): Promise<CommitSha>;
  config(repository: RepositoryRecord, commit: CommitSha): Promise<ConfigFile>;
  /** What the owner's central repository says of it, as pull requests find it now. */
  central(repository: RepositoryRecord): Promise<CentralRead>;
  text(repository: RepositoryRecord, commit: CommitSha, path: string): Promise<string>;
  tree(repository: RepositoryRecord, commit: CommitSha): Promise<readonly string[]>;
  changes(
    repository: RepositoryRecord,
    range: { readonly base: CommitSha; readonly head: CommitSha },
  ): Promise<readonly FileChange[]>;
}

export function configurationReader(
  oracles: { readonly vcs: Adapters<Vcs>; readonly centralHeads: CentralHeads },
  charsMax: number,
  now: () => number,
): ConfigurationReader {
  const { vcs: adapters, centralHeads } = oracles;
  const commits = new Recent<CommitSha>({ max: BRANCHES_MAX, ms: BRANCH_MS }, now);
  // Commits never change, so these are kept for their room only.
  const configs = new Recent<ConfigFile>({ max: CONFIGS_MAX, ms: HOUR_MS }, now);
  const centrals = new Recent<CentralRead>({ max: CONFIGS_MAX, ms: HOUR_MS }, now);
  const trees = new Recent<readonly string[]>({ max: TREES_MAX, ms: HOUR_MS }, now);
  const branch = async (repository: RepositoryRecord, name: string) =>
    value(await (await vcsOf(adapters, repository)).branch(repository.ref, name));

  return {
    commit: async (repository, ref) => parseCommitSha(ref) ?? (await branch(repository, ref)),
    recentCommit: (repository) =>
      commits.get(repository.id, () => branch(repository, repository.defaultBranch)),
    config: (repository, commit) =>
      configs.get(`${repository.id} ${commit}`, async () => {
        const vcs = await vcsOf(adapters, repository);
        return await orBusy(configAt(vcs, repository.ref, commit));
      }),
    async central(repository) {
      const vcs = await vcsOf(adapters, repository);
      const head = await centralHeads.find(vcs, repository.ref);
      if (head.kind === "unavailable") throw vcsProblem(head);
      if (head.kind !== "ok") return unreadableCentral(head.message);
      const { value: at } = head;
      if (at === undefined) return { kind: "read", sources: [] };
      return await centrals.get(`${repository.id} ${at.id} ${at.commit}`, async () => {
        const files = await orBusy(centralFiles(vcs, repository.ref.installation, at));
        return sourcesOfCentral(at, files);
      });
    },
    async text(repository, commit, path) {
      const vcs = await vcsOf(adapters, repository);
      return value(await vcs.file(repository.ref, commit, path, charsMax)) ?? "";
    },
    tree: (repository, commit) =>
      trees.get(`${repository.id} ${commit}`, async () =>
        value(await (await vcsOf(adapters, repository)).tree(repository.ref, commit)),
      ),
    async changes(repository, range) {
      const vcs = await vcsOf(adapters, repository);
      return value(await vcs.changes(repository.ref, { ...range, direct: false }));
    },
  };
}

async function vcsOf(adapters: Adapters<Vcs>, repository: RepositoryRecord): Promise<Vcs> {
  const vcs = await adapters.get(repository.vcs);
  // It was set up once and is no longer.
  if (vcs === undefined) throw notFound("repository on a VCS that this server is connected to");
  return vcs;
}

/** The engine waits for a VCS that is away; whoever looks at a page is told. */
async function orBusy<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof VcsUnavailable) throw busy(error.message);
    throw error;
  }
}

function value<T>(result: VcsResult<T>): T {
  if (result.kind === "ok") return result.value;
  throw vcsProblem(result);
}
