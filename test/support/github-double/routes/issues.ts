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
import { createIssue, editIssue } from "../domain/issues.ts";
import { issueShape } from "../shapes/issue.ts";
import { issueOf } from "../shapes/talk.ts";
import { field } from "../spec/description.ts";
import { notFound } from "../wire-error.ts";
import type { World } from "../world.ts";

const READ = { permissions: ["issues"], level: "read" } as const;
const WRITE = { permissions: ["issues"], level: "write" } as const;

export function issueRoutes(world: World, api: Api): void {
  // Pull requests are in this list too.
  repositoryRoute(world, api, "get", "/issues", READ, (call) => {
    const state = call.query("state") ?? "open";
    const all = [...call.repo.issues.values(), ...call.repo.pulls.values()]
      .filter((one) => state === "all" || one.state === state)
      .sort((a, b) => a.number - b.number);
    if ((call.query("direction") ?? "desc") === "desc") all.reverse();
    const { items, headers } = page(call, all);
    const body = items.map((one) => ("head" in one ? issueOf(world, one) : issueShape(world, one)));
    return { status: 200, body, headers };
  });
  repositoryRoute(world, api, "post", "/issues", WRITE, (call) => {
    const by = actor(world, call.caller);
    const issue = createIssue(world, call.repo, by, {
      title: text(call, "title") ?? "",
      body: text(call, "body") ?? null,
      viaApp: call.caller.kind === "installation",
    });
    return created(issueShape(world, issue));
  });
  repositoryRoute(world, api, "patch", "/issues/:number{[0-9]+}", WRITE, (call) => {
    const issue = issueAt(call);
    const state = field(call.body, "state");
    const title = text(call, "title");
    const body = text(call, "body");
    editIssue(world, issue, {
      ...(title === undefined ? {} : { title }),
      ...(body === undefined ? {} : { body }),
      ...(state === "open" || state === "closed" ? { state } : {}),
    });
    return ok(issueShape(world, issue));
  });
}

function issueAt(call: RepositoryCall) {
  const issue = call.repo.issues.get(integer(call, "number"));
  if (issue === undefined) throw notFound();
  return issue;
}
