import type { CommitSha } from "../../core/ids.ts";
import type { FileChange } from "../../core/pull-request.ts";
import type { FileRead, RepositoryRef, Vcs, VcsResult } from "../../ports/vcs.ts";
import { changedFiles, mergeBase } from "../git/diff.ts";
import { branchHead, isBranchName, resolveCommit } from "../git/ref.ts";
import type { BareRepository } from "../git/run.ts";
import { listTree, readFileAt } from "../git/tree.ts";
import {
  answer,
  bare,
  type ForgeContext,
  findPull,
  findRepository,
  notFound,
  ok,
  rejected,
} from "./context.ts";
import { deleteBranch } from "./delete-branch.ts";
import { putIssues } from "./issues.ts";
import { mergePull } from "./merge.ts";
import { COMMENT_CHARS_MAX, storable } from "./names.ts";
import { proposeFiles } from "./propose.ts";
import { askReviewers, openReviews } from "./reviewers.ts";
import { findSibling } from "./sibling.ts";
import { viewPull } from "./view.ts";

const OPEN_MAX = 10_000;

/** The local forge as the engine sees it. `wake` says that something happened that has an event. */
export function createLocalVcs(context: ForgeContext, wake: () => void): Vcs {
  const { store } = context;
  return {
    kind: "local",
    commentCharsMax: COMMENT_CHARS_MAX,
    numberSign: "#",
    writesFreely: true,
    pullRequest: (repo, number) =>
      answer(async () => {
        const found = await findPull(context, repo.id, number);
        return found.kind === "ok" ? viewPull(context, found.value) : found;
      }),
    openPullRequests: (repo) =>
      answer(async () => {
        const found = await findRepository(context, repo.id);
        if (found.kind !== "ok") return found;
        const pulls = await store.pullRequests(repo.id, { state: "open", limit: OPEN_MAX });
        return ok(
          pulls.map(({ number, headSha, createdAt }) => ({
            number,
            head: headSha,
            openedAtMs: createdAt,
          })),
        );
      }),
    branch: (repo, name) =>
      answer(async () => {
        const found = await findRepository(context, repo.id);
        if (found.kind !== "ok") return found;
        const commit = isBranchName(name)
          ? await branchHead(bare(context, found.value), name)
          : undefined;
        if (commit !== undefined) return ok(commit);
        return notFound(`${found.value.fullName} has no branch ${name}.`);
      }),
    tree: (repo, commit) =>
      answer(async () => {
        const place = await findCommits(context, repo, [commit]);
        return place.kind === "ok" ? ok(await listTree(place.value, commit)) : place;
      }),
    changes: (repo, range) => answer(() => readChanges(context, repo, range)),
    file: (repo, commit, path, charsMax) =>
      answer(() => readFile(context, repo, commit, path, charsMax)),
    readFiles: (repo, commit, paths, charsMax) =>
      answer(() => readFiles(context, repo, commit, paths, charsMax)),
    sibling: (repo, names, folder) => answer(() => findSibling(context, repo, names, folder)),
    comment: (repo, number, id) =>
      answer(async () => {
        const found = await findPull(context, repo.id, number);
        if (found.kind !== "ok") return found;
        const comment = await store.comment({ repository: repo.id, number }, id);
        if (comment?.author !== undefined)
          return ok({ author: comment.author, body: comment.body });
        return notFound(`Nobody wrote a comment ${id} on pull request #${number}.`);
      }),
    permission: (repo, account) =>
      answer(async () => {
        const found = await findRepository(context, repo.id);
        if (found.kind !== "ok") return found;
        return ok((await store.permission(repo.id, account)) ?? "none");
      }),
    teamMember: (repo, team, account) =>
      answer(async () => {
        const found = await findRepository(context, repo.id);
        if (found.kind !== "ok") return found;
        return ok(await store.teamMember(team.toLowerCase(), account));
      }),
    // Nothing but Terrane itself puts checks on a commit here.
    checks: (repo, commit) =>
      answer(async () => {
        const place = await findCommits(context, repo, [commit]);
        return place.kind === "ok" ? ok([]) : place;
      }),
    openReviews: (repo, number) => answer(() => openReviews(context, repo, number)),
    putComment: (repo, number, draft) =>
      answer(async () => {
        const found = await findPull(context, repo.id, number);
        if (found.kind !== "ok") return found;
        if (draft.markdown.length > COMMENT_CHARS_MAX) {
          return rejected(
            `The comment has ${draft.markdown.length} characters; the longest is ${COMMENT_CHARS_MAX}.`,
          );
        }
        // The key alone finds the comment, so a lost `externalId` makes no second one (S25).
        const key = { repository: repo.id, number };
        const body = storable(draft.markdown);
        return ok(await store.putComment(key, { key: draft.key, body, at: context.now() }));
      }),
    outdateComment: (repo, number, { key, how }) =>
      answer(async () => {
        const found = await findPull(context, repo.id, number);
        if (found.kind !== "ok") return found;
        const pull = { repository: repo.id, number };
        await store.outdateComment(pull, { key, how, at: context.now() });
        return ok(undefined);
      }),
    acknowledge: (repo, number, comment) =>
      answer(async () => {
        const key = { repository: repo.id, number };
        if (await store.acknowledge(key, comment, context.now())) return ok(undefined);
        return notFound(`Pull request #${number} has no comment ${comment}.`);
      }),
    putCheck: (repo, draft) =>
      answer(async () => {
        const place = await findCommits(context, repo, [draft.commit]);
        if (place.kind !== "ok") return place;
        const { title, summary } = draft;
        const check = { ...draft, title: storable(title), summary: storable(summary) };
        return ok(await store.putCheck(repo.id, check, context.now()));
      }),
    askReviewers: (repo, number, wanted) =>
      answer(() => askReviewers(context, repo, number, wanted)),
    putIssues: (repo, issues) => answer(() => putIssues(context, repo, issues)),
    proposeFiles: (repo, proposal) =>
      answer(async () => {
        const proposed = await proposeFiles(context, repo, proposal);
        wake();
        return proposed;
      }),
    merge: (repo, number, request) =>
      answer(async () => {
        const merged = await mergePull(context, repo.id, number, { ...request, by: undefined });
        wake();
        return merged;
      }),
    deleteBranch: (repo, branch) => answer(() => deleteBranch(context, repo.id, branch)),
  };
}

/** The repository, if it has all of these commits. */
async function findCommits(
  context: ForgeContext,
  ref: RepositoryRef,
  commits: readonly CommitSha[],
): Promise<VcsResult<BareRepository>> {
  const found = await findRepository(context, ref.id);
  if (found.kind !== "ok") return found;
  const repo = bare(context, found.value);
  for (const commit of commits) {
    if ((await resolveCommit(repo, commit)) === undefined) {
      return notFound(`${found.value.fullName} has no commit ${commit}.`);
    }
  }
  return ok(repo);
}

async function readChanges(
  context: ForgeContext,
  ref: RepositoryRef,
  range: { readonly base: CommitSha; readonly head: CommitSha; readonly direct: boolean },
): Promise<VcsResult<readonly FileChange[]>> {
  const place = await findCommits(context, ref, [range.base, range.head]);
  if (place.kind !== "ok") return place;
  const from = range.direct ? range.base : await mergeBase(place.value, range.base, range.head);
  if (from === undefined) {
    return rejected(`${range.base} and ${range.head} have no common ancestor.`);
  }
  return ok(await changedFiles(place.value, from, range.head));
}

async function readFiles(
  context: ForgeContext,
  ref: RepositoryRef,
  commit: CommitSha,
  paths: readonly string[],
  charsMax: number,
): Promise<VcsResult<readonly FileRead[]>> {
  const files: FileRead[] = [];
  for (const path of paths) {
    const read = await readFile(context, ref, commit, path, charsMax);
    if (read.kind === "rejected") files.push({ path, kind: "unreadable", message: read.message });
    else if (read.kind !== "ok") return read;
    else if (read.value !== undefined) files.push({ path, kind: "text", text: read.value });
  }
  return ok(files);
}

async function readFile(
  context: ForgeContext,
  ref: RepositoryRef,
  commit: CommitSha,
  path: string,
  charsMax: number,
): Promise<VcsResult<string | undefined>> {
  const place = await findCommits(context, ref, [commit]);
  if (place.kind !== "ok") return place;
  const file = await readFileAt(place.value, commit, path, charsMax);
  switch (file.kind) {
    case "text":
      return ok(file.text);
    case "none":
      return ok(undefined);
    case "link":
      // Following it would read another file than the one that was reviewed under this name.
      return rejected(`${path} is a symbolic link. Put the file itself there.`);
    case "too_large":
      return rejected(`${path} has ${file.bytes} bytes; at most ${charsMax} characters are read.`);
  }
}
