import { DRAFT, headOf, isDraft, type MergeRequest, type Note, type User } from "./forge.ts";
import { type Job, type Pipeline, type Project, pipelineStatus, type World } from "./world.ts";

/** Bodies of webhooks, as GitLab's documentation of its events gives them. */

export function projectPart(world: World, project: Project) {
  const url = `${world.origin}/${project.path}`;
  const name = project.path.slice(project.path.lastIndexOf("/") + 1);
  return {
    id: project.id,
    name,
    description: "",
    web_url: url,
    avatar_url: null,
    git_ssh_url: `git@gitlab.test:${project.path}.git`,
    git_http_url: `${url}.git`,
    namespace: project.path.slice(0, project.path.lastIndexOf("/")),
    visibility_level: 0,
    path_with_namespace: project.path,
    default_branch: project.defaultBranch,
    ci_config_path: "",
  };
}

function userPart({ id, username }: User) {
  return { id, name: username, username, avatar_url: null, email: "[REDACTED]" };
}

/** Times in webhooks are texts of another form than in the API. */
function told(at: Date): string {
  return at
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, " UTC");
}

function mergeRequestPart(world: World, request: MergeRequest) {
  const { head } = headOf(request);
  return {
    id: request.id,
    iid: request.iid,
    target_branch: request.targetBranch,
    source_branch: request.sourceBranch,
    source_project_id: request.sourceId,
    target_project_id: request.project.id,
    author_id: request.author.id,
    reviewer_ids: [...request.reviewers.keys()],
    title: request.title,
    description: "",
    created_at: told(request.createdAt),
    updated_at: told(request.updatedAt),
    state: request.state,
    work_in_progress: isDraft(request),
    draft: isDraft(request),
    merge_status: request.mergeStatus,
    detailed_merge_status: isDraft(request) ? "draft_status" : "mergeable",
    url: `${world.origin}/${request.project.path}/-/merge_requests/${request.iid}`,
    last_commit: { id: head, message: "change", timestamp: request.updatedAt.toISOString() },
  };
}

export type MergeRequestAction =
  | { readonly action: "open" | "close" | "reopen" | "merge" | "approved" | "unapproved" }
  | { readonly action: "update"; readonly oldrev?: string; readonly changes?: object };

export function mergeRequestBody(
  world: World,
  request: MergeRequest,
  by: User,
  { action, ...more }: MergeRequestAction,
) {
  const { oldrev, changes } = more as { oldrev?: string; changes?: object };
  return {
    object_kind: "merge_request",
    event_type: "merge_request",
    user: userPart(by),
    project: projectPart(world, request.project),
    repository: { name: request.project.path },
    object_attributes: {
      ...mergeRequestPart(world, request),
      action,
      ...(oldrev === undefined ? {} : { oldrev }),
    },
    labels: [],
    changes: { ...changes },
    reviewers: [],
  };
}

export function titleChange(before: string, after: string): object {
  const [was, is] = [before.startsWith(DRAFT), after.startsWith(DRAFT)];
  return {
    title: { previous: before, current: after },
    ...(was === is ? {} : { draft: { previous: was, current: is } }),
  };
}

export function noteBody(
  world: World,
  request: MergeRequest,
  note: Note,
  action: "create" | "update",
) {
  return {
    object_kind: "note",
    event_type: "note",
    user: userPart(note.author),
    project_id: request.project.id,
    project: projectPart(world, request.project),
    repository: { name: request.project.path },
    object_attributes: {
      id: note.id,
      note: note.body,
      noteable_type: "MergeRequest",
      author_id: note.author.id,
      created_at: told(note.createdAt),
      updated_at: told(note.updatedAt),
      project_id: request.project.id,
      noteable_id: request.id,
      system: note.system,
      action,
      url: `${world.origin}/${request.project.path}/-/merge_requests/${request.iid}#note_${note.id}`,
    },
    merge_request: mergeRequestPart(world, request),
  };
}

const NONE = "0".repeat(40);

export function pushBody(
  world: World,
  project: Project,
  by: User,
  move: { readonly branch: string; readonly before?: string; readonly after?: string },
) {
  return {
    object_kind: "push",
    event_name: "push",
    before: move.before ?? NONE,
    after: move.after ?? NONE,
    ref: `refs/heads/${move.branch}`,
    ref_protected: project.protectedBranches.has(move.branch),
    checkout_sha: move.after ?? null,
    user_id: by.id,
    user_name: by.username,
    user_username: by.username,
    project_id: project.id,
    project: projectPart(world, project),
    commits: [],
    total_commits_count: 0,
  };
}

export function emojiBody(world: World, request: MergeRequest, by: User, note: Note) {
  return {
    object_kind: "emoji",
    event_type: "award",
    user: userPart(by),
    project_id: request.project.id,
    project: projectPart(world, request.project),
    object_attributes: { user_id: by.id, name: "eyes", awardable_type: "Note", action: "award" },
    note: { id: note.id, note: note.body, noteable_type: "MergeRequest" },
    merge_request: mergeRequestPart(world, request),
  };
}

export function pipelineBody(world: World, pipeline: Pipeline) {
  return {
    object_kind: "pipeline",
    object_attributes: {
      id: pipeline.id,
      iid: pipeline.id,
      name: pipeline.name ?? null,
      ref: pipeline.ref,
      tag: false,
      sha: pipeline.sha,
      source: pipeline.source,
      status: pipelineStatus(pipeline),
    },
    project: projectPart(world, pipeline.project),
    builds: pipeline.jobs.map(({ id, name, status }) => ({ id, name, status })),
  };
}

export function jobBody(world: World, job: Job) {
  return {
    object_kind: "build",
    ref: job.pipeline.ref,
    tag: false,
    sha: job.pipeline.sha,
    build_id: job.id,
    build_name: job.name,
    build_stage: "test",
    build_status: job.status,
    build_failure_reason: job.failureReason ?? "unknown_failure",
    pipeline_id: job.pipeline.id,
    project_id: job.pipeline.project.id,
    project: projectPart(world, job.pipeline.project),
  };
}
