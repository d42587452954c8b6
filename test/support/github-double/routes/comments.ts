import {
  type Api,
  created,
  integer,
  ok,
  page,
  type RepositoryCall,
  repositoryRoute,
  text,
} from "../api.ts";
import { actor } from "../auth.ts";
import { emitPull } from "../domain/pulls.ts";
import { createComment, deleteComment, editComment, react } from "../domain/talk.ts";
import { label } from "../shapes/pull.ts";
import { issueComment, reactionShape } from "../shapes/talk.ts";
import { field } from "../spec/description.ts";
import { notFound, WireError } from "../wire-error.ts";
import { type Comment, roleAtLeast, roleOf, type World } from "../world.ts";
import { pullAt } from "./pulls.ts";

const READ = { permissions: ["issues", "pull_requests"], level: "read" } as const;
const WRITE = { permissions: ["issues", "pull_requests"], level: "write" } as const;
const COMMENT = "/issues/comments/:comment{[0-9]+}";
const ISSUE = "/issues/:number{[0-9]+}";

export function commentRoutes(world: World, api: Api): void {
  repositoryRoute(world, api, "get", `${ISSUE}/comments`, READ, (call) => {
    const pull = pullAt(call);
    const since = call.query("since");
    const all = [...call.repo.comments.values()].filter(
      (c) => c.number === pull.number && (since === undefined || c.updatedAt >= new Date(since)),
    );
    const { items, headers } = page(call, all);
    return { status: 200, body: items.map((c) => issueComment(world, call.repo, c)), headers };
  });
  repositoryRoute(world, api, "post", `${ISSUE}/comments`, WRITE, (call) => {
    const by = actor(world, call.caller);
    const viaApp = call.caller.kind === "installation";
    const comment = createComment(
      world,
      call.repo,
      integer(call, "number"),
      by,
      text(call, "body") ?? "",
      viaApp,
    );
    return created(issueComment(world, call.repo, comment));
  });
  repositoryRoute(world, api, "get", COMMENT, READ, (call) =>
    ok(issueComment(world, call.repo, commentAt(call))),
  );
  repositoryRoute(world, api, "patch", COMMENT, WRITE, (call) => {
    const comment = mayChange(call);
    editComment(world, call.repo, comment, actor(world, call.caller), text(call, "body") ?? "");
    return ok(issueComment(world, call.repo, comment));
  });
  repositoryRoute(world, api, "delete", COMMENT, WRITE, (call) => {
    deleteComment(world, call.repo, mayChange(call), actor(world, call.caller));
    return { status: 204 };
  });
  repositoryRoute(world, api, "get", `${COMMENT}/reactions`, READ, (call) => {
    const { items, headers } = page(call, commentAt(call).reactions);
    return { status: 200, body: items.map((r) => reactionShape(world, r)), headers };
  });
  repositoryRoute(world, api, "post", `${COMMENT}/reactions`, WRITE, (call) => {
    const { reaction, fresh } = react(
      world,
      commentAt(call),
      actor(world, call.caller),
      text(call, "content") ?? "",
    );
    return { status: fresh ? 201 : 200, body: reactionShape(world, reaction) };
  });
  repositoryRoute(world, api, "post", `${ISSUE}/labels`, WRITE, async (call) => {
    const pull = pullAt(call);
    const wanted = field(call.body, "labels");
    for (const name of Array.isArray(wanted) ? wanted.map(String) : []) {
      if (pull.labels.includes(name)) continue;
      pull.labels.push(name);
      const by = actor(world, call.caller);
      await emitPull(world, pull, "labeled", by, { label: label(world, call.repo, name) });
    }
    return ok(pull.labels.map((name) => label(world, call.repo, name)));
  });
  repositoryRoute(world, api, "delete", `${ISSUE}/labels/:name`, WRITE, async (call) => {
    const pull = pullAt(call);
    const name = decodeURIComponent(call.param("name"));
    if (!pull.labels.includes(name)) throw new WireError(404, "Label does not exist");
    pull.labels = pull.labels.filter((one) => one !== name);
    const by = actor(world, call.caller);
    await emitPull(world, pull, "unlabeled", by, { label: label(world, call.repo, name) });
    return ok(pull.labels.map((one) => label(world, call.repo, one)));
  });
}

function commentAt(call: RepositoryCall): Comment {
  const comment = call.repo.comments.get(integer(call, "comment"));
  if (comment === undefined) throw notFound();
  return comment;
}

/** One's own comment, or anybody's with write access. */
function mayChange(call: RepositoryCall): Comment {
  const comment = commentAt(call);
  const by = actor(call.world, call.caller);
  if (call.caller.kind === "installation" || comment.author.id === by.id) return comment;
  if (!roleAtLeast(roleOf(call.world, call.repo, by), "write")) {
    throw new WireError(403, "Must have admin rights to Repository.");
  }
  return comment;
}
