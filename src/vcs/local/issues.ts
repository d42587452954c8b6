import { unreachable } from "../../base/unreachable.ts";
import { type LeftIssue, markedBody, placesOf } from "../../core/run/issue.ts";
import type { ForgeIssue } from "../../ports/forge-store.ts";
import type { RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { authorize, type ForgeContext, findRepository, notFound, ok } from "./context.ts";
import { storable } from "./names.ts";
import type { ForgeAct } from "./pull-requests.ts";
import { LIST_MAX } from "./read.ts";

/** More are not open at once: each is about a dirspace of its own. */
const OPEN_ISSUES_MAX = 10_000;

export async function putIssues(
  context: ForgeContext,
  repo: RepositoryRef,
  issues: readonly LeftIssue[],
): Promise<VcsResult<void>> {
  const found = await findRepository(context, repo.id);
  if (found.kind !== "ok") return found;
  const { store } = context;
  const open = await store.issues(repo.id, { state: "open", limit: OPEN_ISSUES_MAX });
  for (const { issue, place } of placesOf(issues, open)) {
    const at = context.now();
    const said = { title: storable(issue.title), body: storable(markedBody(issue)), at };
    switch (place.kind) {
      case "open":
        await store.openIssue(repo.id, said);
        break;
      case "edit":
        await store.editIssue(repo.id, place.number, said);
        break;
      case "stands":
        break;
      default:
        return unreachable(place);
    }
  }
  return ok(undefined);
}

export async function listIssues(
  context: ForgeContext,
  repository: string,
  state: "open" | "all",
): Promise<VcsResult<readonly ForgeIssue[]>> {
  const found = await findRepository(context, repository);
  if (found.kind !== "ok") return found;
  return ok(await context.store.issues(repository, { state, limit: LIST_MAX }));
}

export async function setIssueState(
  context: ForgeContext,
  { repository, number, by }: ForgeAct,
  state: "open" | "closed",
): Promise<VcsResult<void>> {
  const found = await findRepository(context, repository);
  if (found.kind !== "ok") return found;
  const what = state === "open" ? "reopen an issue" : "close an issue";
  const allowed = await authorize(context, found.value, by, "triage", what);
  if (allowed.kind !== "ok") return allowed;
  if (await context.store.setIssueState(repository, number, state, context.now()))
    return ok(undefined);
  return notFound(`There is no issue #${number} in ${found.value.fullName}.`);
}
