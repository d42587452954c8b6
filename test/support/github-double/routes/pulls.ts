import {
  type Api,
  created,
  integer,
  ok,
  page,
  type Reply,
  type RepositoryCall,
  repositoryRoute,
  text,
} from "../api.ts";
import { actor } from "../auth.ts";
import { mergePull } from "../domain/merge.ts";
import { createPull, lookAtMergeability, type PullPatch, updatePull } from "../domain/pulls.ts";
import { dismissReview, submitReview } from "../domain/talk.ts";
import { readCommits } from "../git-read.ts";
import { commitShape } from "../shapes/commit.ts";
import { diffEntry, fullPull, pullDiff, simplePull } from "../shapes/pull.ts";
import { issueOf, reviewShape } from "../shapes/talk.ts";
import { field } from "../spec/description.ts";
import { invalid, notFound, WireError } from "../wire-error.ts";
import {
  findAccount,
  findRepository,
  fullName,
  type Pull,
  type Repository,
  roleAtLeast,
  roleOf,
  type World,
} from "../world.ts";

const READ = { permissions: ["pull_requests"], level: "read" } as const;
const WRITE = { permissions: ["pull_requests"], level: "write" } as const;
const MERGE = { permissions: ["contents"], level: "write" } as const;
/** GitHub lists no more files than this, without a word. */
const FILES_MAX = 3_000;
const PULL = "/pulls/:number{[0-9]+}";

export interface PullLimits {
  files: number;
}

export const PULL_LIMITS: PullLimits = { files: FILES_MAX };

export function pullRoutes(world: World, api: Api, limits: PullLimits): void {
  repositoryRoute(world, api, "get", "/pulls", READ, list);
  repositoryRoute(world, api, "post", "/pulls", WRITE, async (call) => created(await open(call)));
  repositoryRoute(world, api, "get", PULL, READ, async (call) => {
    const pull = pullAt(call);
    await lookAtMergeability(pull);
    return ok(await fullPull(world, pull));
  });
  repositoryRoute(world, api, "patch", PULL, WRITE, async (call) => {
    const pull = pullAt(call);
    const by = actor(world, call.caller);
    const mine = by.id === pull.author.id || roleAtLeast(roleOf(world, call.repo, by), "write");
    if (call.caller.kind === "user" && !mine)
      throw new WireError(403, "Must have write access to this repository.");
    await updatePull(world, pull, by, patchOf(call));
    return ok(await fullPull(world, pull));
  });
  repositoryRoute(world, api, "get", `${PULL}/files`, READ, async (call) => {
    const pull = pullAt(call);
    const files = (await pullDiff(world, pull)).files.slice(0, limits.files);
    const { items, headers } = page(call, files);
    const body = items.map((file) => diffEntry(world, call.repo, pull.head.sha, file));
    return { status: 200, body, headers };
  });
  repositoryRoute(world, api, "get", `${PULL}/commits`, READ, async (call) => {
    const pull = pullAt(call);
    const commits = await readCommits(call.repo.gitDir, [`${pull.base.sha}..${pull.head.sha}`]);
    const { items, headers } = page(call, commits.slice(0, 250));
    return {
      status: 200,
      body: items.map((commit) => commitShape(world, call.repo, commit)),
      headers,
    };
  });
  repositoryRoute(world, api, "put", `${PULL}/merge`, MERGE, merge);
  repositoryRoute(world, api, "get", `${PULL}/merge`, READ, (call) => {
    if (pullAt(call).merged === undefined) throw notFound();
    return { status: 204 };
  });
  repositoryRoute(world, api, "get", "/issues/:number{[0-9]+}", READ, (call) =>
    ok(issueOf(world, pullAt(call))),
  );
  reviewRoutes(world, api);
}

function reviewRoutes(world: World, api: Api): void {
  repositoryRoute(world, api, "get", `${PULL}/reviews`, READ, (call) => {
    const pull = pullAt(call);
    const { items, headers } = page(call, pull.reviews);
    return { status: 200, body: items.map((review) => reviewShape(world, pull, review)), headers };
  });
  repositoryRoute(world, api, "post", `${PULL}/reviews`, WRITE, (call) => {
    const pull = pullAt(call);
    const event = text(call, "event");
    if (event !== "APPROVE" && event !== "REQUEST_CHANGES" && event !== "COMMENT") {
      throw new WireError(422, "Unprocessable Entity", {
        errors: ["Pending reviews are not part of this double"],
      });
    }
    const commit = text(call, "commit_id");
    const review = submitReview(world, pull, actor(world, call.caller), {
      event,
      body: text(call, "body") ?? "",
      commit,
    });
    return ok(reviewShape(world, pull, review));
  });
  repositoryRoute(world, api, "post", `${PULL}/requested_reviewers`, WRITE, (call) => {
    requestReviewers(call);
    return created(simplePull(world, pullAt(call)));
  });
  repositoryRoute(world, api, "put", `${PULL}/reviews/:review/dismissals`, WRITE, (call) => {
    const pull = pullAt(call);
    const review = pull.reviews.find((r) => r.id === integer(call, "review"));
    if (review === undefined) throw notFound();
    dismissReview(world, pull, review, actor(world, call.caller));
    return ok(reviewShape(world, pull, review));
  });
}

/** All of them or none; whoever was asked already stays asked. */
function requestReviewers(call: RepositoryCall): void {
  const pull = pullAt(call);
  const { world, repo } = call;
  const people = names(call, "reviewers").map((login) => {
    const account = findAccount(world, login);
    const role = account === undefined ? undefined : roleOf(world, repo, account);
    if (account?.id === pull.author.id) {
      throw new WireError(422, "Review cannot be requested from pull request author.");
    }
    if (account === undefined || role === undefined) {
      throw new WireError(
        422,
        `Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the ${fullName(repo)} repository.`,
      );
    }
    return account;
  });
  const teams = names(call, "team_reviewers").map((slug) => {
    const team = world.organizations.get(repo.owner.id)?.teams.get(slug);
    if (team === undefined) throw new WireError(422, "Could not resolve to a node.");
    return team;
  });
  pull.requestedReviewers.push(...people.filter((one) => !pull.requestedReviewers.includes(one)));
  pull.requestedTeams.push(...teams.filter((one) => !pull.requestedTeams.includes(one)));
}

function names(call: RepositoryCall, key: string): readonly string[] {
  const value = field(call.body, key);
  return Array.isArray(value) ? value.map(String) : [];
}

export function pullAt(call: RepositoryCall): Pull {
  const pull = call.repo.pulls.get(integer(call, "number"));
  if (pull === undefined) throw notFound();
  return pull;
}

function list(call: RepositoryCall): Reply {
  const state = call.query("state") ?? "open";
  const head = call.query("head");
  const base = call.query("base");
  const descending = (call.query("direction") ?? "desc") === "desc";
  const found = [...call.repo.pulls.values()].filter(
    (pull) =>
      (state === "all" || pull.state === state) &&
      (head === undefined || head === `${pull.head.owner.login}:${pull.head.ref}`) &&
      (base === undefined || base === pull.base.ref),
  );
  if (descending) found.reverse();
  const { items, headers } = page(call, found);
  return { status: 200, body: items.map((pull) => simplePull(call.world, pull)), headers };
}

async function open(call: RepositoryCall) {
  const { world, repo } = call;
  const head = text(call, "head") ?? "";
  const colon = head.indexOf(":");
  const headRepository = colon < 0 ? repo : forkOf(world, repo, head.slice(0, colon));
  if (headRepository === undefined) throw invalid("PullRequest", "head", "invalid");
  const pull = await createPull(world, repo, actor(world, call.caller), {
    title: text(call, "title") ?? "",
    body: text(call, "body") ?? null,
    head: head.slice(colon + 1),
    headRepository,
    base: text(call, "base") ?? "",
    draft: call.body["draft"] === true,
  });
  return await fullPull(world, pull);
}

function forkOf(world: World, repo: Repository, owner: string): Repository | undefined {
  if (owner === repo.owner.login) return repo;
  const fork = findRepository(world, owner, repo.name);
  return fork?.fork === repo ? fork : undefined;
}

function patchOf(call: RepositoryCall): PullPatch {
  const title = text(call, "title");
  const body = text(call, "body");
  const base = text(call, "base");
  const state = text(call, "state");
  return {
    ...(title === undefined ? {} : { title }),
    ...(body === undefined ? {} : { body }),
    ...(base === undefined ? {} : { base }),
    ...(state === "open" || state === "closed" ? { state } : {}),
  };
}

async function merge(call: RepositoryCall): Promise<Reply> {
  const wanted = text(call, "merge_method") ?? "merge";
  const sha = await mergePull(call.world, pullAt(call), actor(call.world, call.caller), {
    method: wanted === "squash" || wanted === "rebase" ? wanted : "merge",
    sha: text(call, "sha"),
    title: text(call, "commit_title"),
    message: text(call, "commit_message"),
  });
  return ok({ sha, merged: true, message: "Pull Request successfully merged" });
}
