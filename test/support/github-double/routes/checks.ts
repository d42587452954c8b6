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
import { emitCheck, suiteOf } from "../domain/checks.ts";
import { emit } from "../domain/emit.ts";
import { resolveCommit } from "../git.ts";
import { readCommit } from "../git-read.ts";
import { simpleUser } from "../shapes/account.ts";
import { checkRunShape } from "../shapes/check.ts";
import { commitShape } from "../shapes/commit.ts";
import { minimalRepository, repositoryUrl } from "../shapes/repository.ts";
import { field, type Json } from "../spec/description.ts";
import { notFound, WireError } from "../wire-error.ts";
import {
  type CheckOutput,
  type CheckRun,
  fullName,
  nodeId,
  type Repository,
  type Status,
  type World,
} from "../world.ts";

const READ = { permissions: ["checks"], level: "read" } as const;
const WRITE = { permissions: ["checks"], level: "write" } as const;
const STATUS_READ = { permissions: ["statuses"], level: "read" } as const;
const STATUS_WRITE = { permissions: ["statuses"], level: "write" } as const;
const CHECK = "/check-runs/:check{[0-9]+}";
/** Longest text of `summary` and `text`. */
const OUTPUT_CHARS_MAX = 65_535;
/** In one call. */
const ANNOTATIONS_MAX = 50;
const STATUS_DESCRIPTION_MAX = 140;

export function checkRoutes(world: World, api: Api): void {
  repositoryRoute(world, api, "post", "/check-runs", WRITE, async (call) => {
    const check = await newCheck(call);
    call.repo.checks.set(check.id, check);
    const by = actor(world, call.caller);
    emitCheck(world, call.repo, check, "created", by);
    if (check.status === "completed") emitCheck(world, call.repo, check, "completed", by);
    return created(checkRunShape(world, call.repo, check));
  });
  repositoryRoute(world, api, "patch", CHECK, WRITE, (call) => {
    const check = checkAt(call);
    const was = check.status;
    update(call, check);
    if (check.status === "completed" && was !== "completed") {
      emitCheck(world, call.repo, check, "completed", actor(world, call.caller));
    }
    return ok(checkRunShape(world, call.repo, check));
  });
  repositoryRoute(world, api, "get", CHECK, READ, (call) =>
    ok(checkRunShape(world, call.repo, checkAt(call))),
  );
  repositoryRoute(world, api, "get", "/commits/:ref/check-runs", READ, async (call) => {
    const sha = await commitAt(call);
    const name = call.query("check_name");
    const status = call.query("status");
    const found = [...call.repo.checks.values()].filter(
      (c) =>
        c.headSha === sha &&
        (name === undefined || c.name === name) &&
        (status === undefined || c.status === status),
    );
    // `latest` is the default filter: of each name in a suite only the newest.
    const latest = (call.query("filter") ?? "latest") === "latest";
    const shown = latest
      ? [...new Map(found.map((c) => [`${c.suite} ${c.name}`, c])).values()]
      : found;
    const { items, headers } = page(call, shown.toReversed());
    const body = {
      total_count: shown.length,
      check_runs: items.map((c) => checkRunShape(world, call.repo, c)),
    };
    return { status: 200, body, headers };
  });
  statusRoutes(world, api);
}

async function newCheck(call: RepositoryCall): Promise<CheckRun> {
  const { world, repo } = call;
  if (call.caller.kind !== "installation")
    throw new WireError(403, "You must authenticate via a GitHub App.");
  const sha = await resolveCommit(repo.gitDir, text(call, "head_sha") ?? "");
  if (sha === undefined)
    throw new WireError(422, `No commit found for SHA: ${text(call, "head_sha")}`);
  const check: CheckRun = {
    id: world.nextId(),
    suite: suiteOf(world, repo, sha),
    headSha: sha,
    foreign: false,
    name: text(call, "name") ?? "",
    externalId: "",
    detailsUrl: null,
    status: "queued",
    conclusion: null,
    startedAt: world.now().toISOString(),
    completedAt: null,
    output: { title: null, summary: null, text: null },
    actions: [],
  };
  update(call, check);
  return check;
}

function update(call: RepositoryCall, check: CheckRun): void {
  const status = text(call, "status");
  const conclusion = text(call, "conclusion");
  check.name = text(call, "name") ?? check.name;
  check.externalId = text(call, "external_id") ?? check.externalId;
  check.detailsUrl = text(call, "details_url") ?? check.detailsUrl;
  check.startedAt = text(call, "started_at") ?? check.startedAt;
  if (status !== undefined) check.status = status;
  if (conclusion !== undefined) {
    check.conclusion = conclusion;
    check.status = "completed";
  } else if (status !== undefined && status !== "completed") {
    check.conclusion = null;
    check.completedAt = null;
  }
  if (check.status === "completed" && check.conclusion === null) {
    throw new WireError(
      422,
      "Invalid request.\n\nconclusion is required when status is completed.",
    );
  }
  if (check.status === "completed") {
    check.completedAt = text(call, "completed_at") ?? call.world.now().toISOString();
  }
  const output = field(call.body, "output");
  if (output !== undefined) check.output = readOutput(check.output, output);
  const actions = field(call.body, "actions");
  if (Array.isArray(actions)) check.actions = actions;
}

function readOutput(old: CheckOutput, output: unknown): CheckOutput {
  const part = (key: "title" | "summary" | "text") => {
    const value = field(output, key);
    if (typeof value !== "string") return old[key];
    if (value.length > OUTPUT_CHARS_MAX) {
      throw new WireError(
        422,
        `Invalid request.\n\nOnly ${OUTPUT_CHARS_MAX} characters are allowed; ${value.length} were supplied.`,
      );
    }
    return value;
  };
  const added = field(output, "annotations");
  const more: readonly unknown[] = Array.isArray(added) ? added : [];
  if (more.length > ANNOTATIONS_MAX) throw new WireError(422, "Invalid request.");
  const annotations = [...(old.annotations ?? []), ...more];
  return { title: part("title"), summary: part("summary"), text: part("text"), annotations };
}

function checkAt(call: RepositoryCall): CheckRun {
  const check = call.repo.checks.get(integer(call, "check"));
  if (check === undefined) throw notFound();
  return check;
}

async function commitAt(call: RepositoryCall): Promise<string> {
  const sha = await resolveCommit(call.repo.gitDir, call.param("ref"));
  if (sha === undefined) throw new WireError(422, `No commit found for SHA: ${call.param("ref")}`);
  return sha;
}

function statusRoutes(world: World, api: Api): void {
  repositoryRoute(world, api, "post", "/statuses/:ref", STATUS_WRITE, async (call) => {
    const sha = await commitAt(call);
    const state = text(call, "state");
    if (state !== "error" && state !== "failure" && state !== "pending" && state !== "success") {
      throw new WireError(422, "Validation Failed");
    }
    const about = text(call, "description") ?? null;
    if (about !== null && about.length > STATUS_DESCRIPTION_MAX) {
      throw new WireError(
        422,
        "Validation Failed: description is too long (maximum is 140 characters)",
      );
    }
    const status: Status = {
      id: world.nextId(),
      sha,
      context: text(call, "context") ?? "default",
      state,
      description: about,
      targetUrl: text(call, "target_url") ?? null,
      creator: actor(world, call.caller),
      createdAt: world.now(),
    };
    call.repo.statuses.push(status);
    await emitStatus(world, call.repo, status);
    return created(statusShape(world, call.repo, status));
  });
  repositoryRoute(world, api, "get", "/commits/:ref/statuses", STATUS_READ, async (call) => {
    const sha = await commitAt(call);
    const { items, headers } = page(
      call,
      call.repo.statuses.filter((s) => s.sha === sha).toReversed(),
    );
    return { status: 200, body: items.map((s) => statusShape(world, call.repo, s)), headers };
  });
  repositoryRoute(world, api, "get", "/commits/:ref/status", STATUS_READ, async (call) => {
    const sha = await commitAt(call);
    const latest = [
      ...new Map(
        call.repo.statuses.filter((s) => s.sha === sha).map((s) => [s.context, s]),
      ).values(),
    ];
    const states = new Set(latest.map((s) => s.state));
    const bad = states.has("failure") || states.has("error");
    const api_ = repositoryUrl(world, call.repo);
    return ok({
      state: bad ? "failure" : states.has("pending") || latest.length === 0 ? "pending" : "success",
      statuses: latest.map((s) => simpleStatus(world, call.repo, s)),
      sha,
      total_count: latest.length,
      repository: minimalRepository(world, call.repo),
      commit_url: `${api_}/commits/${sha}`,
      url: `${api_}/commits/${sha}/status`,
    });
  });
}

function simpleStatus(world: World, repo: Repository, status: Status): Json {
  return {
    url: `${repositoryUrl(world, repo)}/statuses/${status.sha}`,
    avatar_url: `${world.origin}/avatars/u/${status.creator.id}`,
    id: status.id,
    node_id: nodeId("SC", status.id),
    state: status.state,
    description: status.description,
    target_url: status.targetUrl,
    context: status.context,
    created_at: status.createdAt.toISOString(),
    updated_at: status.createdAt.toISOString(),
  };
}

function statusShape(world: World, repo: Repository, status: Status): Json {
  return { ...simpleStatus(world, repo, status), creator: simpleUser(world, status.creator) };
}

async function emitStatus(world: World, repo: Repository, status: Status): Promise<void> {
  const commit = commitShape(world, repo, await readCommit(repo.gitDir, status.sha));
  emit(world, repo, "status", status.creator, {
    id: status.id,
    sha: status.sha,
    name: fullName(repo),
    target_url: status.targetUrl,
    avatar_url: `${world.origin}/avatars/u/${status.creator.id}`,
    context: status.context,
    description: status.description,
    state: status.state,
    commit,
    branches: [...repo.branches]
      .filter(([, sha]) => sha === status.sha)
      .map(([name, sha]) => ({
        name,
        commit: { sha, url: `${repositoryUrl(world, repo)}/commits/${sha}` },
        protected: repo.protections.has(name),
      })),
    created_at: status.createdAt.toISOString(),
    updated_at: status.createdAt.toISOString(),
  });
}
