import type { Context, Hono } from "hono";
import { type Asked, enter, page, userOf, withMergeRequest } from "./enter.ts";
import { headOf, isDraft, type MergeRequest } from "./forge.ts";
import { branchesMoved } from "./heads.ts";
import {
  checkMergeability,
  lookAtMergeability,
  mergeNow,
  openMergeRequest,
  setTitle,
} from "./merge-requests.ts";
import { detailedStatus, mergeRequestShape, userShape } from "./shapes.ts";
import type { Caller, World } from "./world.ts";

const REQUESTS = "/api/v4/projects/:id/merge_requests";
const REQUEST = `${REQUESTS}/:iid`;

export function mergeRequestRoutes(world: World, app: Hono): void {
  app.get(REQUESTS, (c) => {
    const asked = enter(world, c);
    if (asked instanceof Response) return asked;
    const {
      state = "all",
      sort = "desc",
      source_branch: source,
      target_branch: target,
    } = c.req.query();
    const found = [...asked.project.forge.mergeRequests.values()]
      .filter((request) => state === "all" || request.state === state)
      .filter((request) => source === undefined || request.sourceBranch === source)
      .filter((request) => target === undefined || request.targetBranch === target)
      .toSorted((a, b) => (sort === "asc" ? a.id - b.id : b.id - a.id));
    return c.json(page(c, found).map((request) => mergeRequestShape(world, request)));
  });
  app.post(REQUESTS, async (c) => {
    const asked = enter(world, c);
    return asked instanceof Response ? asked : await open(world, c, asked);
  });
  app.get(REQUEST, (c) =>
    withMergeRequest(world, c, async ({ request }) => {
      await lookAtMergeability(request);
      return c.json(mergeRequestShape(world, request));
    }),
  );
  app.put(REQUEST, (c) =>
    withMergeRequest(world, c, async ({ request, caller }) => {
      const body = await c.req.json<Change>();
      if (body.title !== undefined) setTitle(world, request, userOf(world, caller), body.title);
      if (body.reviewer_ids !== undefined) takeReviewers(world, request, body.reviewer_ids);
      const gone = new Set(body.remove_labels?.split(","));
      const added = body.add_labels?.split(",") ?? [];
      const labels = new Set([...request.labels.filter((one) => !gone.has(one)), ...added]);
      request.labels = [...labels];
      return c.json(mergeRequestShape(world, request));
    }),
  );
  app.put(`${REQUEST}/merge`, (c) =>
    withMergeRequest(world, c, ({ request, caller }) => merge(world, c, request, caller)),
  );
  app.get(`${REQUEST}/versions`, (c) =>
    withMergeRequest(world, c, ({ request }) =>
      c.json(
        page(c, request.versions.toReversed()).map((version) => ({
          id: version.id,
          head_commit_sha: version.head,
          base_commit_sha: version.base,
          start_commit_sha: version.start,
          created_at: version.createdAt.toISOString(),
          merge_request_id: request.id,
          state: "collected",
          real_size: "1",
        })),
      ),
    ),
  );
  reviewRoutes(world, app);
}

interface Change {
  readonly title?: string;
  readonly reviewer_ids?: readonly number[];
  /** Separated by commas. */
  readonly add_labels?: string;
  readonly remove_labels?: string;
}

interface Opening {
  readonly source_branch: string;
  readonly target_branch: string;
  readonly title: string;
}

async function open(world: World, c: Context, { project, caller }: Asked): Promise<Response> {
  const wish = await c.req.json<Opening>();
  const same = [...project.forge.mergeRequests.values()].find(
    (one) =>
      one.state === "opened" &&
      one.sourceBranch === wish.source_branch &&
      one.targetBranch === wish.target_branch,
  );
  if (same !== undefined) {
    const message = `Another open merge request already exists for this source branch: !${same.iid}`;
    return c.json({ message: [message] }, 409);
  }
  const request = await openMergeRequest(world, project, {
    by: userOf(world, caller),
    source: project,
    sourceBranch: wish.source_branch,
    targetBranch: wish.target_branch,
    title: wish.title,
  });
  return c.json(mergeRequestShape(world, request), 201);
}

function reviewRoutes(world: World, app: Hono): void {
  app.get(`${REQUEST}/approvals`, (c) =>
    withMergeRequest(world, c, ({ request, caller }) => {
      const { forge } = request.project;
      const left = Math.max(0, forge.approvalsRequired - request.approvals.size);
      return c.json({
        user_has_approved: request.approvals.has(caller.id),
        user_can_approve: true,
        approved: left === 0,
        approvals_required: forge.approvalsRequired,
        approvals_left: left,
        approved_by: [...request.approvals].map(([id, at]) => ({
          user: shapeOf(world, id),
          ...(forge.tellsApprovalTimes ? { approved_at: at.toISOString() } : {}),
        })),
      });
    }),
  );
  app.get(`${REQUEST}/reviewers`, (c) =>
    withMergeRequest(world, c, ({ request }) => {
      const all = [...request.reviewers].map(([id, state]) => ({
        user: shapeOf(world, id),
        state,
        created_at: request.createdAt.toISOString(),
      }));
      return c.json(page(c, all));
    }),
  );
}

function shapeOf(world: World, id: number) {
  const user = world.users.get(id);
  if (user === undefined) throw new Error(`nobody is ${id}`);
  return userShape(world, user);
}

/** Those who cannot see the project are left out, and those beyond what the plan allows, without a word. */
function takeReviewers(world: World, request: MergeRequest, ids: readonly number[]): void {
  const known = ids
    .filter((id) => world.users.has(id))
    .slice(0, request.project.forge.reviewersMax);
  for (const id of request.reviewers.keys()) if (!known.includes(id)) request.reviewers.delete(id);
  for (const id of known) {
    if (!request.reviewers.has(id)) request.reviewers.set(id, "unreviewed");
  }
}

interface Merging {
  readonly sha?: string;
  readonly squash?: boolean;
  readonly merge_commit_message?: string;
}

async function merge(
  world: World,
  c: Context,
  request: MergeRequest,
  caller: Caller,
): Promise<Response> {
  const body = await c.req.json<Merging>();
  if (caller.role === "reporter") return c.json({ message: "401 Unauthorized" }, 401);
  const notAllowed = () => c.json({ message: "405 Method Not Allowed" }, 405);
  if (request.state !== "opened" || isDraft(request)) return notAllowed();
  await checkMergeability(request);
  if (request.mergeStatus !== "can_be_merged") {
    return c.json({ message: "Branch cannot be merged" }, 422);
  }
  if (detailedStatus(request) !== "mergeable") return notAllowed();
  const { head } = headOf(request);
  if (body.sha !== undefined && body.sha !== head) {
    return c.json({ message: `SHA does not match HEAD of source branch: ${head}` }, 409);
  }
  const by = userOf(world, caller);
  const wish = { squash: body.squash === true, message: body.merge_commit_message };
  if ((await mergeNow(world, request, by, wish)) === "conflict") {
    return c.json({ message: "Branch cannot be merged" }, 422);
  }
  await branchesMoved(world, request.project, by);
  return c.json(mergeRequestShape(world, request));
}
