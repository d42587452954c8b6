import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Api, created, ok, type RepositoryCall, repositoryRoute, text } from "../api.ts";
import { actor } from "../auth.ts";
import { branchesMoved } from "../domain/branches.ts";
import { personOf } from "../domain/merge.ts";
import { commitTree, git, isAncestor, resolveCommit, tryGit, updateRef } from "../git.ts";
import { readCommit, readTree } from "../git-read.ts";
import { gitCommit } from "../shapes/commit.ts";
import { repositoryUrl } from "../shapes/repository.ts";
import { field, isJson, type Json } from "../spec/description.ts";
import { notFound, WireError } from "../wire-error.ts";
import { nodeId, type World } from "../world.ts";

const WRITE = { permissions: ["contents"], level: "write" } as const;

/** Trees, commits and refs made one by one. */
export function gitDataRoutes(world: World, api: Api): void {
  repositoryRoute(world, api, "post", "/git/trees", WRITE, async (call) =>
    created(await makeTree(call)),
  );
  repositoryRoute(world, api, "post", "/git/commits", WRITE, async (call) => {
    const { repo } = call;
    const parents = strings(call, "parents");
    const tree = text(call, "tree") ?? "";
    await known(call, [...parents.map((sha) => `${sha}^{commit}`), `${tree}^{tree}`]);
    const author = personOf(actor(world, call.caller), world.now());
    const sha = await commitTree(repo.gitDir, tree, parents, text(call, "message") ?? "", author);
    return created(gitCommit(world, repo, await readCommit(repo.gitDir, sha)));
  });
  repositoryRoute(world, api, "post", "/git/refs", WRITE, async (call) => {
    const ref = text(call, "ref") ?? "";
    if (!/^refs\/[^/]+\/./.test(ref)) throw new WireError(422, "Reference name is not valid");
    const there = await tryGit(call.repo.gitDir, ["rev-parse", "--verify", "--quiet", ref]);
    if (there.code === 0) throw new WireError(422, "Reference already exists");
    return created(await point(call, ref, undefined));
  });
  repositoryRoute(world, api, "patch", "/git/refs/:ref{.+}", WRITE, async (call) => {
    const ref = `refs/${call.param("ref")}`;
    const before = await tryGit(call.repo.gitDir, ["rev-parse", "--verify", "--quiet", ref]);
    if (before.code !== 0) throw new WireError(422, "Reference does not exist");
    return ok(await point(call, ref, before.stdout.toString("utf8").trim()));
  });
}

async function point(call: RepositoryCall, ref: string, before: string | undefined): Promise<Json> {
  const { world, repo } = call;
  const sha = text(call, "sha") ?? "";
  if ((await resolveCommit(repo.gitDir, sha)) === undefined) {
    throw new WireError(422, "Object does not exist");
  }
  const forced = field(call.body, "force") === true;
  if (before !== undefined && !forced && !(await isAncestor(repo.gitDir, before, sha))) {
    throw new WireError(422, "Update is not a fast forward");
  }
  await updateRef(repo.gitDir, ref, sha);
  await branchesMoved(world, repo, actor(world, call.caller));
  const url = `${repositoryUrl(world, repo)}/git`;
  return {
    ref,
    node_id: nodeId("REF", ref.length),
    url: `${url}/${ref}`,
    object: { type: "commit", sha, url: `${url}/commits/${sha}` },
  };
}

/** GitHub guards workflow files on their own, and says no more than this where an app may not write them. */
export function refuseWorkflows(call: RepositoryCall, paths: readonly string[]): void {
  if (call.caller.kind !== "installation") return;
  if (call.caller.permissions["workflows"] === "write") return;
  if (!paths.some((path) => path.startsWith(".github/workflows/"))) return;
  throw new WireError(403, "Resource not accessible by integration");
}

async function makeTree(call: RepositoryCall): Promise<Json> {
  const { world, repo } = call;
  const wanted = field(call.body, "tree");
  const entries = (Array.isArray(wanted) ? wanted : []).filter(isJson);
  refuseWorkflows(
    call,
    entries.map((entry) => String(entry["path"])),
  );
  const base = text(call, "base_tree");
  if (base !== undefined) await known(call, [`${base}^{tree}`]);
  const index = join(repo.gitDir, `index-${randomUUID()}`);
  const env = { GIT_INDEX_FILE: index };
  try {
    if (base !== undefined) await git(repo.gitDir, ["read-tree", base], undefined, env);
    for (const entry of entries) {
      const blob =
        typeof entry["content"] === "string"
          ? (await git(repo.gitDir, ["hash-object", "-w", "--stdin"], entry["content"])).trim()
          : String(entry["sha"]);
      const info = `${String(entry["mode"])},${blob},${String(entry["path"])}`;
      const add = ["update-index", "--add", "--cacheinfo", info];
      await git(repo.gitDir, add, undefined, env);
    }
    const sha = (await git(repo.gitDir, ["write-tree"], undefined, env)).trim();
    const api = repositoryUrl(world, repo);
    const found = (await readTree(repo.gitDir, sha, false)) ?? [];
    const tree = found.map(({ path, mode, type, sha: object, size }) => ({
      path,
      mode,
      type,
      sha: object,
      ...(size === undefined ? {} : { size }),
      url: `${api}/git/${type}s/${object}`,
    }));
    return { sha, url: `${api}/git/trees/${sha}`, tree, truncated: false };
  } finally {
    await rm(index, { force: true });
  }
}

async function known(call: RepositoryCall, objects: readonly string[]): Promise<void> {
  for (const object of objects) {
    const ran = await tryGit(call.repo.gitDir, ["rev-parse", "--verify", "--quiet", object]);
    if (ran.code !== 0) throw notFound();
  }
}

function strings(call: RepositoryCall, key: string): readonly string[] {
  const value = field(call.body, key);
  return Array.isArray(value) ? value.map(String) : [];
}
