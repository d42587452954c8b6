import {
  commitTree,
  git,
  isAncestor,
  mergeBase,
  mergeTrees,
  type Person,
  updateRef,
} from "../github-double/git.ts";
import {
  DRAFT,
  gitDirOf,
  headOf,
  isDraft,
  type MergeRequest,
  type Note,
  type User,
} from "./forge.ts";
import { type MergeRequestAction, mergeRequestBody, noteBody, titleChange } from "./hook-bodies.ts";
import type { Project, World } from "./world.ts";

/** What people do with merge requests, and what GitLab does then. */

export function tell(
  world: World,
  request: MergeRequest,
  by: User,
  what: MergeRequestAction,
): void {
  request.updatedAt = world.now();
  const body = mergeRequestBody(world, request, by, what);
  world.deliveries.emit(world, request.project, "Merge Request Hook", body);
}

export interface Draft {
  readonly by: User;
  readonly source: Project;
  readonly sourceBranch: string;
  readonly targetBranch: string;
  readonly title: string;
}

export async function openMergeRequest(
  world: World,
  project: Project,
  draft: Draft,
): Promise<MergeRequest> {
  const head = draft.source.forge.heads.get(draft.sourceBranch);
  if (head === undefined) throw new Error(`there is no branch ${draft.sourceBranch}`);
  const now = world.now();
  const request: MergeRequest = {
    id: world.nextId++,
    iid: project.forge.mergeRequests.size + 1,
    project,
    source: draft.source,
    sourceId: draft.source.id,
    sourceBranch: draft.sourceBranch,
    targetBranch: draft.targetBranch,
    title: draft.title,
    author: draft.by,
    state: "opened",
    createdAt: now,
    updatedAt: now,
    mergedAt: undefined,
    mergeCommit: undefined,
    squashCommit: undefined,
    mergeStatus: "unchecked",
    readsLeft: world.mergeabilityReads,
    versions: [],
    approvals: new Map(),
    reviewers: new Map(),
    labels: [],
    notes: [],
  };
  project.forge.mergeRequests.set(request.iid, request);
  await takeHead(world, request, head);
  tell(world, request, draft.by, { action: "open" });
  return request;
}

/** A new version; the commit is in the target project too, as `refs/merge-requests/<iid>/head`. */
export async function takeHead(world: World, request: MergeRequest, head: string): Promise<void> {
  const { project, source } = request;
  const gitDir = gitDirOf(project);
  if (source !== undefined && source !== project) {
    await git(gitDir, ["fetch", "--quiet", gitDirOf(source), head]);
  }
  await updateRef(gitDir, `refs/merge-requests/${request.iid}/head`, head);
  const start = project.forge.heads.get(request.targetBranch) ?? head;
  const base = (await mergeBase(gitDir, start, head)) ?? start;
  const id = world.nextId++;
  request.versions.push({ id, head, base, start, createdAt: world.now() });
  recheck(world, request);
}

export function recheck(world: World, request: MergeRequest): void {
  request.mergeStatus = "unchecked";
  request.readsLeft = world.mergeabilityReads;
}

/** Somebody looks: the first look only starts the check. */
export async function lookAtMergeability(request: MergeRequest): Promise<void> {
  if (request.state !== "opened") return;
  if (request.mergeStatus !== "unchecked" && request.mergeStatus !== "checking") return;
  request.mergeStatus = "checking";
  if (request.readsLeft > 0) request.readsLeft -= 1;
  else await checkMergeability(request);
}

export async function checkMergeability(request: MergeRequest): Promise<void> {
  const { project, targetBranch } = request;
  const base = project.forge.heads.get(targetBranch);
  const tree =
    base === undefined
      ? undefined
      : await mergeTrees(gitDirOf(project), base, headOf(request).head);
  request.mergeStatus = tree === undefined ? "cannot_be_merged" : "can_be_merged";
}

export function setTitle(world: World, request: MergeRequest, by: User, title: string): void {
  const before = request.title;
  request.title = title;
  tell(world, request, by, { action: "update", changes: titleChange(before, title) });
}

export function setDraft(world: World, request: MergeRequest, by: User, draft: boolean): void {
  if (isDraft(request) === draft) return;
  const plain = request.title.replace(DRAFT, "");
  setTitle(world, request, by, draft ? `${DRAFT}${plain}` : plain);
}

export function setState(
  world: World,
  request: MergeRequest,
  by: User,
  state: "opened" | "closed",
): void {
  request.state = state;
  tell(world, request, by, { action: state === "closed" ? "close" : "reopen" });
}

export function addNote(
  world: World,
  request: MergeRequest,
  author: User,
  body: string,
  system = false,
): Note {
  const now = world.now();
  const id = world.nextId++;
  const note: Note = { id, author, body, system, createdAt: now, updatedAt: now, awards: [] };
  request.notes.push(note);
  const hook = noteBody(world, request, note, "create");
  world.deliveries.emit(world, request.project, "Note Hook", hook);
  return note;
}

export function approve(world: World, request: MergeRequest, by: User): void {
  request.approvals.set(by.id, world.now());
  if (request.reviewers.has(by.id)) request.reviewers.set(by.id, "approved");
  addNote(world, request, by, "approved this merge request", true);
  tell(world, request, by, { action: "approved" });
}

export function unapprove(world: World, request: MergeRequest, by: User): void {
  request.approvals.delete(by.id);
  if (request.reviewers.has(by.id)) request.reviewers.set(by.id, "unreviewed");
  addNote(world, request, by, "unapproved this merge request", true);
  tell(world, request, by, { action: "unapproved" });
}

/** Makes a reviewer of whoever does it, and takes an approval back. */
export function requestChanges(world: World, request: MergeRequest, by: User): void {
  const before = [...request.reviewers.keys()];
  request.approvals.delete(by.id);
  request.reviewers.set(by.id, "requested_changes");
  addNote(world, request, by, "requested changes", true);
  const reviewers = { previous: before, current: [...request.reviewers.keys()] };
  tell(world, request, by, { action: "update", changes: { reviewers } });
}

/** Really merges, in the bare repository, by the method of the project; undefined where the branches conflict. */
export async function mergeNow(
  world: World,
  request: MergeRequest,
  by: User,
  { squash, message }: { readonly squash: boolean; readonly message?: string | undefined },
): Promise<"merged" | "conflict"> {
  const { project, targetBranch, iid, title } = request;
  const gitDir = gitDirOf(project);
  const base = project.forge.heads.get(targetBranch) ?? headOf(request).start;
  let { head } = headOf(request);
  const tree = await mergeTrees(gitDir, base, head);
  const isForward = await isAncestor(gitDir, base, head);
  const { mergeMethod } = project.forge;
  if (tree === undefined || (mergeMethod !== "merge" && !isForward)) return "conflict";
  const who: Person = {
    name: by.username,
    email: `${by.id}@users.noreply.gitlab.test`,
    at: world.now(),
  };
  if (squash) {
    head = await commitTree(gitDir, tree, [base], message ?? title, who);
    request.squashCommit = head;
  }
  if (mergeMethod !== "ff") {
    const usual = `Merge branch '${request.sourceBranch}' into '${targetBranch}'\n\nSee merge request ${project.path}!${iid}`;
    head = await commitTree(gitDir, tree, [base, head], message ?? usual, who);
    request.mergeCommit = head;
  }
  await updateRef(gitDir, `refs/heads/${targetBranch}`, head);
  markMerged(world, request, by);
  return "merged";
}

export function markMerged(world: World, request: MergeRequest, by: User): void {
  request.state = "merged";
  request.mergedAt = world.now();
  tell(world, request, by, { action: "merge" });
}
