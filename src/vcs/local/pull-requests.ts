import type { Account, AccountId, CommitSha } from "../../core/ids.ts";
import type { Permission } from "../../core/pull-request.ts";
import type { VcsEvent, VcsHappening } from "../../core/vcs-event.ts";
import type { ForgeAccount, ForgeRepository } from "../../ports/forge-store.ts";
import type { MergeRequest, VcsFailure, VcsResult } from "../../ports/vcs.ts";
import { isAncestor, mergeBase } from "../git/diff.ts";
import { branchHead, isBranchName, keepPullHead } from "../git/ref.ts";
import {
  authorize,
  bare,
  type ForgeContext,
  type FoundPull,
  findPull,
  findRepository,
  forgeEvents,
  ok,
  rejected,
} from "./context.ts";
import { mergePull } from "./merge.ts";
import { refuseBody, refuseTitle, storable } from "./names.ts";
import { noticePushes } from "./notice.ts";

/** Which pull request, and who acts on it. */
export interface ForgeAct {
  readonly repository: string;
  readonly number: number;
  readonly by: AccountId;
}

export interface OpenPullRequest {
  readonly repository: string;
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly draft?: boolean;
  readonly by: AccountId;
}

export async function openPullRequest(
  context: ForgeContext,
  wanted: OpenPullRequest,
): Promise<VcsResult<number>> {
  const found = await findRepository(context, wanted.repository);
  if (found.kind !== "ok") return found;
  const repository = found.value;
  const author = await authorize(context, repository, wanted.by, "read", "open a pull request");
  if (author.kind !== "ok") return author;
  const refused = refuseTitle(wanted.title) ?? refuseBody(wanted.body);
  if (refused !== undefined) return refused;
  // The pushes first, so that the events tell the story in its order.
  await noticePushes(context, repository);
  const heads = await readHeads(context, repository, wanted);
  if (heads.kind !== "ok") return heads;
  const event = await forgeEvents(context, repository);
  const opened = await context.store.openPullRequest(
    {
      repository: repository.id,
      title: storable(wanted.title.trim()),
      body: storable(wanted.body),
      author: author.value.id,
      draft: wanted.draft ?? false,
      headRef: wanted.head,
      baseRef: wanted.base,
      ...heads.value,
      at: context.now(),
    },
    (number) => event({ kind: "pull_request", number, action: "opened" }),
  );
  if (opened.kind === "exists") {
    return rejected(
      `Pull request #${opened.number} from ${wanted.head} into ${wanted.base} is open already.`,
    );
  }
  await keepPullHead(bare(context, repository), opened.number, heads.value.headSha);
  return ok(opened.number);
}

async function readHeads(
  context: ForgeContext,
  repository: ForgeRepository,
  { head, base }: { readonly head: string; readonly base: string },
): Promise<VcsResult<{ readonly headSha: CommitSha; readonly baseSha: CommitSha }>> {
  const repo = bare(context, repository);
  for (const branch of [head, base]) {
    if (!isBranchName(branch)) return rejected(`${JSON.stringify(branch)} is no branch name.`);
  }
  if (head === base) return rejected(`The head and the base are both ${head}.`);
  const headSha = await branchHead(repo, head);
  const baseSha = await branchHead(repo, base);
  if (headSha === undefined) return rejected(`There is no branch ${head}. Push it first.`);
  if (baseSha === undefined) return rejected(`There is no branch ${base} to merge into.`);
  if (await isAncestor(repo, headSha, baseSha)) {
    return rejected(`${head} has no commit that ${base} lacks.`);
  }
  if ((await mergeBase(repo, baseSha, headSha)) === undefined) {
    return rejected(`${head} and ${base} have no common history.`);
  }
  return ok({ headSha, baseSha });
}

export async function comment(
  context: ForgeContext,
  act: ForgeAct,
  body: string,
): Promise<VcsResult<string>> {
  const may = await permit(context, act, { needs: "read", what: "comment" });
  if (may.kind !== "ok") return may;
  const refused = body.trim() === "" ? rejected("The comment is empty.") : refuseBody(body);
  if (refused !== undefined) return refused;
  const author = account(may.value.person);
  const text = storable(body);
  const id = await context.store.addComment(
    act,
    { author: author.id, body: text, at: context.now() },
    (commentId) =>
      may.value.event({ kind: "comment", number: act.number, commentId, author, body: text }),
  );
  return ok(id);
}

export async function review(
  context: ForgeContext,
  act: ForgeAct,
  opinion: { readonly verdict: "approved" | "changes_requested"; readonly body: string },
): Promise<VcsResult<string>> {
  const may = await permit(context, act, { needs: "read", what: "review" });
  if (may.kind !== "ok") return may;
  const refused = refuseBody(opinion.body);
  if (refused !== undefined) return refused;
  const { found, person, event } = may.value;
  if (found.pull.author.id === person.id) {
    return rejected("Authors do not review their own pull requests. Ask somebody else.");
  }
  if (found.pull.status.state !== "open") return refuseState(act.number, found);
  const repo = bare(context, found.repository);
  const commit = (await branchHead(repo, found.pull.headRef)) ?? found.pull.headSha;
  const at = context.now();
  const id = await context.store.addReview(
    act,
    { reviewer: person.id, verdict: opinion.verdict, commit, body: storable(opinion.body), at },
    event({ kind: "review", number: act.number }),
  );
  return ok(id);
}

/** People take their own opinion back; somebody else's takes the right to write. */
export async function dismissReview(
  context: ForgeContext,
  act: ForgeAct,
  reviewer: AccountId,
): Promise<VcsResult<void>> {
  const needs = reviewer === act.by ? "read" : "write";
  const may = await permit(context, act, { needs, what: "dismiss a review" });
  if (may.kind !== "ok") return may;
  const dismissed = await context.store.dismissReviews(
    act,
    reviewer,
    { by: may.value.person.id, at: context.now() },
    may.value.event({ kind: "review", number: act.number }),
  );
  if (dismissed) return ok(undefined);
  return { kind: "not_found", message: `#${act.number} has no review of ${reviewer} to dismiss.` };
}

export async function closePull(context: ForgeContext, act: ForgeAct): Promise<VcsResult<void>> {
  const may = await permit(context, act, { needs: "triage", author: true, what: "close" });
  if (may.kind !== "ok") return may;
  // A merge that a crash interrupted is a merge, and nothing is left to close.
  await noticePushes(context, may.value.found.repository);
  const closed = await context.store.close(
    act,
    context.now(),
    may.value.event({ kind: "pull_request", number: act.number, action: "closed" }),
  );
  return closed ? ok(undefined) : refuseState(act.number, may.value.found);
}

export async function reopenPull(context: ForgeContext, act: ForgeAct): Promise<VcsResult<void>> {
  const may = await permit(context, act, { needs: "triage", author: true, what: "reopen" });
  if (may.kind !== "ok") return may;
  const { found, event } = may.value;
  if (found.pull.status.state !== "closed") return refuseState(act.number, found);
  await noticePushes(context, found.repository);
  const heads = await readHeads(context, found.repository, {
    head: found.pull.headRef,
    base: found.pull.baseRef,
  });
  if (heads.kind !== "ok") return heads;
  const reopened = await context.store.reopen(
    act,
    { ...heads.value, at: context.now() },
    event({ kind: "pull_request", number: act.number, action: "reopened" }),
  );
  switch (reopened.kind) {
    case "reopened":
      await keepPullHead(bare(context, found.repository), act.number, heads.value.headSha);
      return ok(undefined);
    case "not_closed":
      return refuseState(act.number, found);
    case "exists":
      return rejected(
        `Pull request #${reopened.number} from ${found.pull.headRef} into ${found.pull.baseRef} is open already.`,
      );
  }
}

export interface EditPullRequest {
  readonly title?: string;
  readonly body?: string;
  readonly draft?: boolean;
}

export async function editPull(
  context: ForgeContext,
  act: ForgeAct,
  change: EditPullRequest,
): Promise<VcsResult<void>> {
  const may = await permit(context, act, { needs: "triage", author: true, what: "edit" });
  if (may.kind !== "ok") return may;
  const refused =
    (change.title === undefined ? undefined : refuseTitle(change.title)) ??
    refuseBody(change.body ?? "");
  if (refused !== undefined) return refused;
  const { pull } = may.value.found;
  if (change.draft !== undefined && pull.status.state !== "open") {
    return refuseState(act.number, may.value.found);
  }
  const drafted = change.draft !== undefined && change.draft !== pull.draft;
  const action = !drafted ? "edited" : change.draft === true ? "draft" : "ready";
  await context.store.edit(
    act,
    {
      ...change,
      ...(change.title === undefined ? {} : { title: storable(change.title.trim()) }),
      ...(change.body === undefined ? {} : { body: storable(change.body) }),
      at: context.now(),
    },
    may.value.event({ kind: "pull_request", number: act.number, action }),
  );
  return ok(undefined);
}

export async function mergeByPerson(
  context: ForgeContext,
  act: ForgeAct,
  request: MergeRequest,
): Promise<VcsResult<CommitSha>> {
  const may = await permit(context, act, { needs: "write", what: "merge" });
  if (may.kind !== "ok") return may;
  const by = account(may.value.person);
  return mergePull(context, act.repository, act.number, { ...request, by });
}

interface Permitted {
  readonly found: FoundPull;
  readonly person: ForgeAccount;
  readonly event: (what: VcsHappening) => VcsEvent;
}

async function permit(
  context: ForgeContext,
  act: ForgeAct,
  rule: { readonly needs: Permission; readonly author?: boolean; readonly what: string },
): Promise<VcsResult<Permitted>> {
  const found = await findPull(context, act.repository, act.number);
  if (found.kind !== "ok") return found;
  const { repository, pull } = found.value;
  // Authors look after their own pull requests.
  const needs = rule.author === true && pull.author.id === act.by ? "read" : rule.needs;
  const person = await authorize(context, repository, act.by, needs, rule.what);
  if (person.kind !== "ok") return person;
  const event = await forgeEvents(context, repository);
  return ok({ found: found.value, person: person.value, event });
}

function refuseState(number: number, { pull }: FoundPull): VcsFailure {
  return rejected(`Pull request #${number} is ${pull.status.state}.`);
}

function account({ id, login }: ForgeAccount): Account {
  return { id, login };
}
