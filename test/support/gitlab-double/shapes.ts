import {
  type Hook,
  headOf,
  type Issue,
  isDraft,
  type MergeRequest,
  type Note,
  type Status,
  type User,
} from "./forge.ts";
import type { Project, World } from "./world.ts";

/** Answers of the API, as its documentation gives them. */

export function userShape(world: World, { id, username, state }: User) {
  const url = `${world.origin}/${username}`;
  return { id, username, name: username, state, locked: false, avatar_url: null, web_url: url };
}

export function projectShape(world: World, project: Project) {
  const name = project.path.slice(project.path.lastIndexOf("/") + 1);
  return {
    id: project.id,
    name,
    path: name,
    path_with_namespace: project.path,
    default_branch: project.defaultBranch,
    visibility: "private",
    merge_method: project.forge.mergeMethod,
    web_url: `${world.origin}/${project.path}`,
    http_url_to_repo: `${world.origin}/${project.path}.git`,
  };
}

/** The first of what is in the way, in GitLab's order. */
export function detailedStatus(request: MergeRequest): string {
  const { mergeStatus, project } = request;
  if (request.state !== "opened") return "not_open";
  if (mergeStatus === "unchecked" || mergeStatus === "checking") return mergeStatus;
  if (isDraft(request)) return "draft_status";
  if (!request.source?.forge.heads.has(request.sourceBranch)) return "commits_status";
  if (mergeStatus === "cannot_be_merged") return "conflict";
  if (project.forge.stillRunning) return "ci_still_running";
  if (request.approvals.size < project.forge.approvalsRequired) return "not_approved";
  return "mergeable";
}

export function mergeRequestShape(world: World, request: MergeRequest) {
  const { head, base, start } = headOf(request);
  const by = (id: number) => {
    const user = world.users.get(id);
    return user === undefined ? [] : [userShape(world, user)];
  };
  return {
    id: request.id,
    iid: request.iid,
    project_id: request.project.id,
    title: request.title,
    description: "",
    state: request.state,
    created_at: request.createdAt.toISOString(),
    updated_at: request.updatedAt.toISOString(),
    merged_at: request.mergedAt?.toISOString() ?? null,
    target_branch: request.targetBranch,
    source_branch: request.sourceBranch,
    author: userShape(world, request.author),
    reviewers: [...request.reviewers.keys()].flatMap(by),
    labels: request.labels,
    source_project_id: request.source === undefined ? null : request.sourceId,
    target_project_id: request.project.id,
    draft: isDraft(request),
    work_in_progress: isDraft(request),
    merge_status: request.mergeStatus,
    detailed_merge_status: detailedStatus(request),
    has_conflicts: request.mergeStatus === "cannot_be_merged",
    sha: head,
    merge_commit_sha: request.mergeCommit ?? null,
    squash_commit_sha: request.squashCommit ?? null,
    diff_refs: { base_sha: base, head_sha: head, start_sha: start },
    squash: false,
    web_url: `${world.origin}/${request.project.path}/-/merge_requests/${request.iid}`,
  };
}

export function noteShape(world: World, request: MergeRequest, note: Note) {
  return {
    id: note.id,
    type: null,
    body: note.body,
    author: userShape(world, note.author),
    created_at: note.createdAt.toISOString(),
    updated_at: note.updatedAt.toISOString(),
    system: note.system,
    noteable_id: request.id,
    noteable_type: "MergeRequest",
    noteable_iid: request.iid,
    project_id: request.project.id,
    resolvable: false,
    internal: false,
  };
}

export function statusShape(world: World, status: Status) {
  return {
    id: status.id,
    sha: status.sha,
    ref: status.ref,
    status: status.status,
    name: status.name,
    target_url: status.targetUrl,
    description: status.description,
    created_at: status.createdAt.toISOString(),
    started_at: null,
    finished_at: null,
    allow_failure: false,
    coverage: null,
    author: userShape(world, status.user),
  };
}

export function issueShape(world: World, project: Project, issue: Issue) {
  return {
    id: issue.id,
    iid: issue.iid,
    project_id: project.id,
    title: issue.title,
    description: issue.description,
    state: issue.state,
    created_at: issue.createdAt.toISOString(),
    author: userShape(world, issue.author),
  };
}

export function hookShape(hook: Hook, now: Date) {
  const { disabledUntil: until } = hook;
  const isOff = until !== undefined && until > now;
  // The end of time stands for never.
  const forGood = isOff && until.getUTCFullYear() > 9_999;
  return {
    id: hook.id,
    url: hook.url,
    created_at: now.toISOString(),
    push_events: true,
    note_events: true,
    merge_requests_events: true,
    job_events: hook.withoutJobs !== true,
    pipeline_events: true,
    enable_ssl_verification: true,
    alert_status: forGood ? "disabled" : isOff ? "temporarily_disabled" : "executable",
    disabled_until: isOff && !forGood ? until.toISOString() : null,
  };
}
