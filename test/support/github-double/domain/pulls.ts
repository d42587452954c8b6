import { commitTree, deleteRef, isAncestor, mergeTrees, updateRef } from "../git.ts";
import { fullPull } from "../shapes/pull.ts";
import { invalid, WireError } from "../wire-error.ts";
import type { Account, Pull, Repository, World } from "../world.ts";
import { closePull, takeHead } from "./branches.ts";
import { emit } from "./emit.ts";

export interface NewPull {
  readonly title: string;
  readonly body: string | null;
  readonly head: string;
  readonly headRepository: Repository;
  readonly base: string;
  readonly draft: boolean;
}

export async function createPull(
  world: World,
  repo: Repository,
  author: Account,
  wanted: NewPull,
): Promise<Pull> {
  const headSha = wanted.headRepository.branches.get(wanted.head);
  const baseSha = repo.branches.get(wanted.base);
  if (headSha === undefined) throw invalid("PullRequest", "head", "invalid");
  if (baseSha === undefined) throw invalid("PullRequest", "base", "invalid");
  await refuseUseless(repo, wanted, headSha, baseSha);
  const now = world.now();
  const pull: Pull = {
    id: world.nextId(),
    number: repo.nextNumber++,
    repository: repo,
    title: wanted.title,
    body: wanted.body,
    state: "open",
    draft: wanted.draft,
    author,
    head: {
      repository: wanted.headRepository,
      owner: wanted.headRepository.owner,
      ref: wanted.head,
      sha: headSha,
    },
    base: { ref: wanted.base, sha: baseSha },
    mergeability: { state: "unknown", readsLeft: world.mergeabilityReads },
    merged: undefined,
    labels: [],
    reviews: [],
    requestedReviewers: [],
    requestedTeams: [],
    autoMerge: undefined,
    createdAt: now,
    updatedAt: now,
    closedAt: undefined,
  };
  await takeHead(pull, headSha);
  repo.pulls.set(pull.number, pull);
  await emitPull(world, pull, "opened", author);
  return pull;
}

async function refuseUseless(
  repo: Repository,
  { headRepository, head, base }: NewPull,
  headSha: string,
  baseSha: string,
): Promise<void> {
  const refuse = (message: string) =>
    new WireError(422, "Validation Failed", {
      errors: [{ resource: "PullRequest", code: "custom", message }],
    });
  for (const { state, head: other, base: onto } of repo.pulls.values()) {
    if (state !== "open" || other.repository !== headRepository) continue;
    if (other.ref === head && onto.ref === base) {
      throw refuse(`A pull request already exists for ${headRepository.owner.login}:${head}.`);
    }
  }
  if (headRepository === repo && (await isAncestor(repo.gitDir, headSha, baseSha))) {
    throw refuse(`No commits between ${base} and ${head}`);
  }
}

export async function emitPull(
  world: World,
  pull: Pull,
  action: string,
  by: Account,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  emit(world, pull.repository, "pull_request", by, {
    action,
    number: pull.number,
    ...more,
    pull_request: await fullPull(world, pull),
  });
}

export interface PullPatch {
  readonly title?: string;
  readonly body?: string | null;
  readonly state?: "open" | "closed";
  readonly base?: string;
}

export async function updatePull(
  world: World,
  pull: Pull,
  by: Account,
  patch: PullPatch,
): Promise<void> {
  const changes: Record<string, unknown> = {};
  if (patch.title !== undefined && patch.title !== pull.title) {
    changes["title"] = { from: pull.title };
    pull.title = patch.title;
  }
  if (patch.body !== undefined && patch.body !== pull.body) {
    changes["body"] = { from: pull.body ?? "" };
    pull.body = patch.body;
  }
  if (patch.base !== undefined && patch.base !== pull.base.ref) {
    const sha = pull.repository.branches.get(patch.base);
    if (sha === undefined) throw invalid("PullRequest", "base", "invalid");
    changes["base"] = { ref: { from: pull.base.ref }, sha: { from: pull.base.sha } };
    pull.base.ref = patch.base;
    pull.base.sha = sha;
    pull.mergeability = { state: "unknown", readsLeft: world.mergeabilityReads };
  }
  pull.updatedAt = world.now();
  if (Object.keys(changes).length > 0) await emitPull(world, pull, "edited", by, { changes });
  if (patch.state === "closed" && pull.state === "open") await closePull(world, pull, by);
  if (patch.state === "open" && pull.state === "closed") await reopen(world, pull, by);
}

async function reopen(world: World, pull: Pull, by: Account): Promise<void> {
  const sha = pull.head.repository?.branches.get(pull.head.ref);
  if (pull.merged !== undefined || sha === undefined)
    throw invalid("PullRequest", "state", "invalid");
  pull.state = "open";
  pull.closedAt = undefined;
  pull.mergeability = { state: "unknown", readsLeft: world.mergeabilityReads };
  await takeHead(pull, sha);
  await emitPull(world, pull, "reopened", by);
}

export async function setDraft(
  world: World,
  pull: Pull,
  by: Account,
  draft: boolean,
): Promise<void> {
  if (pull.draft === draft) return;
  pull.draft = draft;
  await emitPull(world, pull, draft ? "converted_to_draft" : "ready_for_review", by);
}

/** A read of the pull request: GitHub starts working mergeability out when somebody looks, and says null until it is done. */
export async function lookAtMergeability(pull: Pull): Promise<void> {
  if (pull.state === "closed" || pull.mergeability.state === "known") return;
  if (pull.mergeability.readsLeft > 0) {
    pull.mergeability.readsLeft -= 1;
    return;
  }
  await settleMergeability(pull);
}

export async function settleMergeability(pull: Pull): Promise<void> {
  const { gitDir, branches } = pull.repository;
  const base = branches.get(pull.base.ref) ?? pull.base.sha;
  const tree = await mergeTrees(gitDir, base, pull.head.sha);
  const ref = `refs/pull/${pull.number}/merge`;
  if (tree === undefined) {
    await deleteRef(gitDir, ref);
    pull.mergeability = { state: "known", mergeable: false, testMerge: undefined };
    return;
  }
  const who = { name: "GitHub", email: "noreply@github.example", at: pull.updatedAt };
  const message = `Merge ${pull.head.sha} into ${base}`;
  const testMerge = await commitTree(gitDir, tree, [base, pull.head.sha], message, who);
  await updateRef(gitDir, ref, testMerge);
  pull.mergeability = { state: "known", mergeable: true, testMerge };
}
