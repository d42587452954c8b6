import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { Account, AccountId, CommitSha } from "../../../src/core/ids.ts";
import { parseCommitSha } from "../../../src/core/ids.ts";
import type { PullRequestView } from "../../../src/core/pull-request.ts";
import type { VcsHappening } from "../../../src/core/vcs-event.ts";
import type { RepositoryRef, Vcs, VcsResult } from "../../../src/ports/vcs.ts";
import type { FileContents, VcsHarness, VcsRepository } from "../vcs-harness.ts";

export interface VcsWorld {
  readonly harness: VcsHarness;
  readonly vcs: Vcs;
}

/** What holds for every VCS; the name is the rule. */
export interface VcsRule {
  readonly name: string;
  readonly check: (world: VcsWorld) => Promise<void>;
}

/** A commit id that no repository has. */
export const NO_COMMIT = (parseCommitSha("0123456789".repeat(4)) ?? "") as CommitSha;
export const NO_NUMBER = 999_999;

export function nowhere(ref: RepositoryRef): RepositoryRef {
  return { ...ref, id: "999999999", fullName: `${ref.fullName}-that-never-was` };
}

/** The value of a call that must succeed. */
export async function value<T>(result: Promise<VcsResult<T>>): Promise<T> {
  const settled = await result;
  if (settled.kind !== "ok") throw new Error(`${settled.kind}: ${settled.message}`);
  return settled.value;
}

/** The kind of failure, with a message that people can read. */
export async function failure<T>(result: Promise<VcsResult<T>>): Promise<string> {
  const settled = await result;
  if (settled.kind !== "ok") expect(settled.message).not.toBe("");
  return settled.kind;
}

export interface OpenedPull {
  readonly repo: VcsRepository;
  readonly number: number;
  readonly author: Account;
  readonly other: Account;
  readonly head: CommitSha;
}

/** A repository with one open pull request from `feature`, by `author`; `other` may write too. */
export async function openedPull(
  world: VcsWorld,
  options: {
    readonly base?: FileContents;
    readonly change?: FileContents;
    readonly draft?: boolean;
  } = {},
): Promise<OpenedPull> {
  const repo = await world.harness.createRepository(options.base ?? { "a.tf": "a = 1\n" });
  const author = await repo.person("ada", "write");
  const other = await repo.person("bob", "write");
  const head = await repo.push("feature", options.change ?? { "b.tf": "b = 1\n" });
  const number = await repo.open({
    head: "feature",
    title: "Add b",
    by: author.id,
    ...(options.draft === undefined ? {} : { draft: options.draft }),
  });
  return { repo, number, author, other, head };
}

const LOOKS_MAX = 50;

/** The view once the VCS has worked out whether it merges; some need a moment. */
export async function settledView(
  { vcs }: VcsWorld,
  repo: VcsRepository,
  number: number,
): Promise<PullRequestView> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    const view = await value(vcs.pullRequest(repo.ref, number));
    if (view.mergeable !== "unknown") return view;
    await sleep(50);
  }
  throw new Error(`#${number} has no definite mergeability after ${LOOKS_MAX} looks`);
}

/** What the adapter said that happened to the repository, in order. */
export async function happened(
  { harness }: VcsWorld,
  repo: VcsRepository,
): Promise<readonly VcsHappening[]> {
  return (await harness.events(repo.ref)).map((event) => event.what);
}

export async function tip(repo: VcsRepository, branch: string): Promise<CommitSha> {
  const commit = await repo.head(branch);
  if (commit === undefined) throw new Error(`there is no branch ${branch}`);
  return commit;
}

export function accountIds(accounts: readonly Account[]): readonly AccountId[] {
  return accounts.map((account) => account.id).toSorted();
}
