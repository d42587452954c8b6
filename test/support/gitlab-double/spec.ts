import type { MiddlewareHandler } from "hono";
import { z } from "zod";

/**
 * What GitLab's documentation says of the calls and webhooks that we use, kept apart from what makes and reads them: paths,
 * parameters and bodies that it names, and what its answers always have.
 */

const id = z.int().positive();
const time = z.iso.datetime();
const commitId = z.string().regex(/^[0-9a-f]{40}$/);
const user = z.object({ id, username: z.string(), name: z.string(), state: z.string() });
const commit = z.object({ id: commitId, parent_ids: z.array(commitId), message: z.string() });
const project = z.object({
  id,
  path_with_namespace: z.string(),
  default_branch: z.string(),
  merge_method: z.enum(["merge", "rebase_merge", "ff"]),
});
const state = z.enum(["opened", "closed", "locked", "merged"]);
const mergeRequest = z.object({
  id,
  iid: id,
  project_id: id,
  title: z.string(),
  state,
  created_at: time,
  updated_at: time,
  merged_at: time.nullable(),
  target_branch: z.string(),
  source_branch: z.string(),
  author: user,
  reviewers: z.array(user),
  source_project_id: id.nullable(),
  target_project_id: id,
  draft: z.boolean(),
  merge_status: z.enum(["unchecked", "checking", "can_be_merged", "cannot_be_merged"]),
  detailed_merge_status: z.enum([
    "checking",
    "ci_still_running",
    "commits_status",
    "conflict",
    "draft_status",
    "mergeable",
    "not_approved",
    "not_open",
    "unchecked",
  ]),
  has_conflicts: z.boolean(),
  sha: commitId,
  merge_commit_sha: commitId.nullable(),
  squash_commit_sha: commitId.nullable(),
  diff_refs: z.object({ base_sha: commitId, head_sha: commitId, start_sha: commitId }),
  web_url: z.url(),
});
const note = z.object({
  id,
  body: z.string(),
  author: user,
  created_at: time,
  system: z.boolean(),
  noteable_type: z.literal("MergeRequest"),
});
const status = z.object({
  id,
  sha: commitId,
  ref: z.string(),
  status: z.string(),
  name: z.string(),
  allow_failure: z.boolean(),
  author: user,
});
const issue = z.object({ id, iid: id, title: z.string(), description: z.string(), author: user });
const member = user.extend({ access_level: z.int(), expires_at: z.iso.date().nullable() });
const award = z.object({ id, name: z.string(), user });
const pipeline = z.object({ id, status: z.string(), sha: z.string(), ref: z.string() });

interface Operation {
  readonly name: string;
  readonly query?: readonly string[];
  readonly body?: z.ZodType;
  /** Of a success; undefined where it is no JSON. */
  readonly answer: z.ZodType | undefined;
}

const PAGES = ["page", "per_page"];
const P = "/projects/:id";
const MR = `${P}/merge_requests/:iid`;

const noteBody = z.strictObject({ body: z.string().max(1_000_000) });
const issueBody = z.strictObject({ title: z.string().max(255), description: z.string() });

const OPERATIONS: readonly Operation[] = [
  { name: "GET /user", answer: user },
  {
    name: "GET /personal_access_tokens/self",
    answer: z.object({
      id,
      name: z.string(),
      revoked: z.boolean(),
      active: z.boolean(),
      scopes: z.array(z.string()),
      expires_at: z.iso.date().nullable(),
    }),
  },
  {
    name: `GET ${P}/hooks`,
    query: PAGES,
    answer: z.array(
      z.object({
        id,
        url: z.url(),
        push_events: z.boolean(),
        alert_status: z.enum(["executable", "temporarily_disabled", "disabled"]),
        disabled_until: time.nullable(),
      }),
    ),
  },
  { name: "GET /users", query: ["username"], answer: z.array(user) },
  { name: "GET /groups/:id/members/:user", answer: member },
  { name: `GET ${P}`, answer: project },
  { name: `GET ${P}/members/all/:user`, answer: member },
  {
    name: `GET ${P}/repository/branches/:branch`,
    answer: z.object({ name: z.string(), commit, default: z.boolean(), protected: z.boolean() }),
  },
  { name: `DELETE ${P}/repository/branches/:branch`, answer: undefined },
  { name: `GET ${P}/repository/commits/:sha`, answer: commit },
  {
    name: `POST ${P}/repository/commits`,
    body: z.strictObject({
      branch: z.string(),
      start_sha: commitId,
      force: z.boolean(),
      commit_message: z.string().min(1),
      actions: z
        .array(
          z.strictObject({
            action: z.enum(["create", "update"]),
            file_path: z.string(),
            content: z.string(),
          }),
        )
        .min(1),
    }),
    answer: commit,
  },
  {
    name: `GET ${P}/repository/commits/:sha/statuses`,
    query: ["name", "all", ...PAGES],
    answer: z.array(status),
  },
  {
    name: `POST ${P}/statuses/:sha`,
    body: z.strictObject({
      state: z.enum(["pending", "running", "success", "failed", "canceled", "skipped"]),
      name: z.string(),
      description: z.string().max(255),
      target_url: z.url().max(255).optional(),
      ref: z.string().max(255).optional(),
    }),
    answer: status,
  },
  {
    name: `GET ${P}/repository/tree`,
    query: ["path", "ref", "recursive", "pagination", "page_token", "per_page"],
    answer: z.array(
      z.object({
        id: commitId,
        name: z.string(),
        type: z.enum(["tree", "blob", "commit"]),
        path: z.string(),
        mode: z.string(),
      }),
    ),
  },
  { name: `GET ${P}/repository/files/:path/raw`, query: ["ref"], answer: undefined },
  {
    name: `GET ${P}/repository/files/:path`,
    query: ["ref"],
    answer: z.object({
      file_path: z.string(),
      size: z.int(),
      encoding: z.literal("base64"),
      content: z.base64(),
      ref: z.string(),
    }),
  },
  { name: `GET ${P}/repository/merge_base`, query: ["refs[]"], answer: commit },
  {
    name: `GET ${P}/repository/compare`,
    query: ["from", "to", "straight"],
    answer: z.object({ commits: z.array(commit), compare_timeout: z.boolean() }),
  },
  {
    name: `GET ${P}/merge_requests`,
    query: ["state", "scope", "order_by", "sort", "source_branch", "target_branch", ...PAGES],
    answer: z.array(mergeRequest),
  },
  {
    name: `POST ${P}/merge_requests`,
    body: z.strictObject({
      source_branch: z.string(),
      target_branch: z.string(),
      title: z.string(),
      description: z.string(),
      remove_source_branch: z.boolean(),
    }),
    answer: mergeRequest,
  },
  { name: `GET ${MR}`, answer: mergeRequest },
  {
    name: `PUT ${MR}`,
    body: z.union([
      z.strictObject({ reviewer_ids: z.array(id) }),
      z.strictObject({ add_labels: z.string(), remove_labels: z.string().optional() }),
    ]),
    answer: mergeRequest,
  },
  {
    name: `PUT ${MR}/merge`,
    body: z.strictObject({
      sha: commitId,
      squash: z.boolean().optional(),
      merge_commit_message: z.string().optional(),
      squash_commit_message: z.string().optional(),
    }),
    answer: mergeRequest,
  },
  {
    name: `GET ${MR}/versions`,
    query: PAGES,
    answer: z.array(z.object({ id, head_commit_sha: commitId, created_at: time })),
  },
  {
    name: `GET ${MR}/approvals`,
    answer: z.object({
      approved: z.boolean(),
      approved_by: z.array(z.object({ user, approved_at: time.optional() })),
    }),
  },
  {
    name: `GET ${MR}/reviewers`,
    query: PAGES,
    answer: z.array(z.object({ user, state: z.string(), created_at: time })),
  },
  {
    name: `GET ${MR}/notes`,
    query: ["sort", "order_by", "activity_filter", ...PAGES],
    answer: z.array(note),
  },
  { name: `POST ${MR}/notes`, body: noteBody, answer: note },
  { name: `GET ${MR}/notes/:note`, answer: note },
  { name: `PUT ${MR}/notes/:note`, body: noteBody, answer: note },
  { name: `DELETE ${MR}/notes/:note`, answer: undefined },
  { name: `GET ${MR}/notes/:note/award_emoji`, query: PAGES, answer: z.array(award) },
  {
    name: `POST ${MR}/notes/:note/award_emoji`,
    body: z.strictObject({ name: z.string() }),
    answer: award,
  },
  {
    name: `GET ${P}/issues`,
    query: ["state", "scope", "author_id", "order_by", "sort", ...PAGES],
    answer: z.array(issue),
  },
  { name: `POST ${P}/issues`, body: issueBody, answer: issue },
  { name: `PUT ${P}/issues/:iid`, body: issueBody, answer: issue },
  { name: `POST ${P}/pipeline`, answer: pipeline },
  {
    name: `GET ${P}/pipelines`,
    query: ["source", "ref", "name", "order_by", "sort", ...PAGES],
    answer: z.array(pipeline),
  },
  { name: `GET ${P}/pipelines/:pipeline`, answer: pipeline },
  {
    name: `GET ${P}/pipelines/:pipeline/jobs`,
    query: ["include_retried", ...PAGES],
    answer: z.array(z.object({ id, name: z.string(), status: z.string() })),
  },
  {
    name: `GET ${P}/jobs/:job`,
    answer: z.object({ id, name: z.string(), status: z.string(), pipeline: z.object({ id }) }),
  },
  { name: `POST ${P}/pipelines/:pipeline/cancel`, answer: pipeline },
  { name: `POST ${P}/pipelines/:pipeline/retry`, answer: pipeline },
];

const hookProject = z.object({ id, path_with_namespace: z.string(), default_branch: z.string() });
const hookUser = z.object({ id, username: z.string() });
const hookState = z.object({ iid: id, title: z.string(), state, source_project_id: id });

const HOOKS: Readonly<Record<string, z.ZodType>> = {
  "Merge Request Hook": z.object({
    object_kind: z.literal("merge_request"),
    user: hookUser,
    project: hookProject,
    object_attributes: hookState.extend({
      action: z.enum(["open", "close", "reopen", "update", "approved", "unapproved", "merge"]),
      oldrev: commitId.optional(),
    }),
    changes: z.object({}),
  }),
  "Note Hook": z.object({
    object_kind: z.literal("note"),
    user: hookUser,
    project: hookProject,
    object_attributes: z.object({
      id,
      note: z.string(),
      noteable_type: z.literal("MergeRequest"),
      author_id: id,
      system: z.boolean(),
      action: z.enum(["create", "update"]),
    }),
    merge_request: hookState,
  }),
  "Push Hook": z.object({
    object_kind: z.literal("push"),
    ref: z.string().startsWith("refs/heads/"),
    before: commitId,
    after: commitId,
    user_id: id,
    project: hookProject,
  }),
  "Emoji Hook": z.object({ object_kind: z.literal("emoji"), user: hookUser, project: hookProject }),
  "Pipeline Hook": z.object({
    object_kind: z.literal("pipeline"),
    object_attributes: z.object({ id, status: z.string(), source: z.string() }),
    project: hookProject,
  }),
  "Job Hook": z.object({
    object_kind: z.literal("build"),
    build_id: id,
    build_name: z.string(),
    build_status: z.string(),
    pipeline_id: id,
    project: hookProject,
  }),
};

const ROUTES = OPERATIONS.map((operation) => {
  const [method = "", path = ""] = operation.name.split(" ");
  const pattern = new RegExp(`^/api/v4${path.replaceAll(/:\w+/g, "[^/]+")}$`);
  return { ...operation, method, pattern };
});

/** Counts what was said, and notes what the documentation does not know. */
export class Journal {
  readonly calls = new Map<string, number>();
  readonly events = new Map<string, number>();
  readonly violations: string[] = [];

  /** Looks at every call on its way in, and at every success on its way out. */
  readonly look: MiddlewareHandler = async (c, next) => {
    const { pathname, searchParams } = new URL(c.req.url);
    const route = ROUTES.find((one) => one.method === c.req.method && one.pattern.test(pathname));
    if (route === undefined) {
      this.violations.push(`${c.req.method} ${pathname}: no such operation`);
      return await next();
    }
    this.#count(this.calls, route.name);
    for (const key of searchParams.keys()) {
      if (route.query?.includes(key) !== true) {
        this.violations.push(`${route.name}: no such parameter ${key}`);
      }
    }
    if (route.body !== undefined) {
      this.#check(`${route.name} body`, route.body, await c.req.raw.clone().json());
    }
    await next();
    if (c.res.ok && route.answer !== undefined) {
      this.#check(`${route.name} answer`, route.answer, await c.res.clone().json());
    }
  };

  sent(event: string, body: object): void {
    this.#count(this.events, event);
    const shape = HOOKS[event];
    if (shape !== undefined) this.#check(event, shape, body);
  }

  #count(counts: Map<string, number>, name: string): void {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }

  #check(what: string, shape: z.ZodType, value: unknown): void {
    const parsed = shape.safeParse(value);
    if (!parsed.success) this.violations.push(`${what}: ${z.prettifyError(parsed.error)}`);
  }
}
