import type { Account, CommitSha } from "../../core/ids.ts";
import type { ForgeMergeIntent, ForgePullRequest } from "../../ports/forge-store.ts";
import type { MergeRequest, VcsFailure, VcsResult } from "../../ports/vcs.ts";
import { isAncestor } from "../git/diff.ts";
import { buildMerge, type MergeBuilt, type Signature } from "../git/merge.ts";
import { branchHead, moveBranch } from "../git/ref.ts";
import {
  bare,
  type ForgeContext,
  type FoundPull,
  findPull,
  notFound,
  ok,
  rejected,
} from "./context.ts";
import { executedIntent, noticePushes } from "./notice.ts";

/** How often a merge starts over because somebody pushed to the base branch meanwhile. */
const MERGE_TRIES_MAX = 10;
const CONFLICTS_SHOWN_MAX = 10;

/**
 * Merges. In this order, so that a crash anywhere leaves a merge that either did not happen or is
 * found by the next look at the branches: make the commit, store which commit it is, move the
 * branch if it has not moved meanwhile, look.
 */
export async function mergePull(
  context: ForgeContext,
  repositoryId: string,
  number: number,
  request: MergeRequest & { readonly by: Account | undefined },
): Promise<VcsResult<CommitSha>> {
  for (let attempt = 0; attempt < MERGE_TRIES_MAX; attempt++) {
    // Finishes a merge that a crash interrupted, before another is begun.
    const repository = await context.store.repository(repositoryId);
    if (repository === undefined) return notFound(`There is no repository ${repositoryId}.`);
    await noticePushes(context, repository);
    const found = await findPull(context, repositoryId, number);
    if (found.kind !== "ok") return found;
    const { pull } = found.value;
    if (pull.status.state === "merged") return ok(pull.status.commit);
    const refused = refuseMerge(found.value, request);
    if (refused !== undefined) return refused;
    const failure = await tryMerge(context, found.value, request);
    if (failure !== undefined) return failure;
  }
  return {
    kind: "unavailable",
    message: `The base branch of #${number} keeps moving; the merge found no quiet moment.`,
    retryAfterMs: undefined,
  };
}

function refuseMerge({ pull }: FoundPull, request: MergeRequest): VcsFailure | undefined {
  if (pull.status.state === "closed") {
    return rejected(`Pull request #${pull.number} is closed. Reopen it to merge it.`);
  }
  if (pull.draft) {
    return rejected(`Pull request #${pull.number} is a draft. Mark it as ready to merge it.`);
  }
  if (pull.headSha !== request.head) {
    return rejected(
      `Pull request #${pull.number} is at ${short(pull.headSha)} now, not at ${short(request.head)}. Look at what was pushed, then merge that.`,
    );
  }
  return undefined;
}

/** One attempt; the next look says what became of it, so success is no answer here. */
async function tryMerge(
  context: ForgeContext,
  { repository, pull }: FoundPull,
  request: MergeRequest & { readonly by: Account | undefined },
): Promise<VcsFailure | undefined> {
  const repo = bare(context, repository);
  const base = await branchHead(repo, pull.baseRef);
  if (base === undefined) {
    return rejected(`The base branch ${pull.baseRef} of #${pull.number} does not exist any more.`);
  }
  // Read after the branch: an intent is stored before its branch moves, so a merge that this base
  // already holds is among them, and the next look records it instead of merging twice.
  const begun = (await context.store.mergeIntents(repository.id)).filter(
    (intent) => intent.number === pull.number,
  );
  if ((await executedIntent(repo, begun, base)) !== undefined) return undefined;
  if (await isAncestor(repo, request.head, base)) return changesNothing(pull);
  // All of them are allowed here.
  const method = request.method === "auto" ? "merge" : request.method;
  const committer = signature(request.by?.login ?? "terrane", context.now());
  const built = await buildMerge({
    repo,
    base,
    head: request.head,
    method,
    message: mergeMessage(pull, { method, title: request.title }),
    committer,
    author: signature(pull.author.login, context.now()),
  });
  if (built.kind !== "built")
    return explainUnmerged(built, pull.number, pull.baseRef, pull.headRef);
  if (built.commit === base) return changesNothing(pull);
  const intent: ForgeMergeIntent = {
    number: pull.number,
    commit: built.commit,
    head: request.head,
    by: request.by?.id,
  };
  if (await context.store.intendMerge(repository.id, intent)) {
    await moveBranch(repo, pull.baseRef, built.commit, base);
  }
  return undefined;
}

function changesNothing(pull: ForgePullRequest): VcsFailure {
  return rejected(`Pull request #${pull.number} changes nothing that ${pull.baseRef} lacks.`);
}

function mergeMessage(
  { number, title, headRef }: ForgePullRequest,
  wanted: { readonly method: MergeRequest["method"]; readonly title: string | undefined },
): string {
  return wanted.method === "merge"
    ? `${wanted.title ?? `Merge pull request #${number} from ${headRef}`}\n\n${title}`
    : (wanted.title ?? `${title} (#${number})`);
}

function signature(login: string, at: number): Signature {
  return { name: login, email: `${login}@localhost`, date: `@${Math.floor(at / 1000)} +0000` };
}

function explainUnmerged(
  built: Exclude<MergeBuilt, { readonly kind: "built" }>,
  number: number,
  baseRef: string,
  headRef: string,
): VcsFailure {
  if (built.kind === "unknown") {
    return { kind: "unavailable", message: built.message, retryAfterMs: undefined };
  }
  const shown = built.files.slice(0, CONFLICTS_SHOWN_MAX).join(", ");
  const more = built.files.length - CONFLICTS_SHOWN_MAX;
  const files = more > 0 ? `${shown} and ${more} more` : shown;
  return rejected(
    `Pull request #${number} conflicts with ${baseRef} in ${files}. Merge ${baseRef} into ${headRef}, resolve the conflicts and push.`,
  );
}

function short(commit: CommitSha): string {
  return commit.slice(0, 8);
}
