import { type Api, ok, page, type Reply, type RepositoryCall, repositoryRoute } from "../api.ts";
import { actor } from "../auth.ts";
import { branchesMoved } from "../domain/branches.ts";
import { personOf } from "../domain/merge.ts";
import { commitFiles, git, mergeBase, resolveCommit, tryGit } from "../git.ts";
import {
  diffFiles,
  readBlob,
  readCommit,
  readCommits,
  readTree,
  type TreeEntry,
} from "../git-read.ts";
import { commitShape, gitCommit } from "../shapes/commit.ts";
import { diffEntry } from "../shapes/pull.ts";
import { fullRepository, repositoryUrl } from "../shapes/repository.ts";
import type { Json } from "../spec/description.ts";
import { notFound, WireError } from "../wire-error.ts";
import { fullName, nodeId, roleOf, type World } from "../world.ts";
import { refuseWorkflows } from "./git-data.ts";

const READ = { permissions: ["contents"], level: "read" } as const;
const WRITE = { permissions: ["contents"], level: "write" } as const;
const METADATA = { permissions: ["metadata"], level: "read" } as const;
/** A recursive tree stops here and says `truncated`. */
export const TREE_ENTRIES_MAX = 100_000;
const CONTENT_BYTES_MAX = 1024 * 1024;
const RAW_BYTES_MAX = 100 * CONTENT_BYTES_MAX;
const COMPARE_FILES_MAX = 300;

export interface CodeLimits {
  treeEntries: number;
}

export function codeRoutes(world: World, api: Api, limits: CodeLimits): void {
  repositoryRoute(world, api, "get", "", METADATA, ({ repo, caller }) => {
    const role = caller.kind === "user" ? roleOf(world, repo, caller.account) : "read";
    return ok(fullRepository(world, repo, role));
  });
  repositoryRoute(world, api, "get", "/contents/:path{[^]+}", READ, readContent);
  repositoryRoute(world, api, "put", "/contents/:path{[^]+}", WRITE, writeContent);
  repositoryRoute(world, api, "get", "/git/blobs/:sha", READ, async ({ repo, param }) => {
    const sha = param("sha");
    const content = await readBlob(repo.gitDir, sha);
    if (content === undefined) throw notFound();
    const body = {
      sha,
      node_id: nodeId("B", Number.parseInt(sha.slice(0, 8), 16)),
      size: content.length,
      url: `${repositoryUrl(world, repo)}/git/blobs/${sha}`,
      content: lines60(content.toString("base64")),
      encoding: "base64",
    };
    return ok(body);
  });
  repositoryRoute(world, api, "get", "/git/trees/:sha{.+}", READ, (call) => tree(call, limits));
  repositoryRoute(world, api, "get", "/git/commits/:sha", READ, async ({ repo, param }) => {
    const sha = await resolveCommit(repo.gitDir, param("sha"));
    if (sha === undefined) throw notFound();
    return ok(gitCommit(world, repo, await readCommit(repo.gitDir, sha)));
  });
  repositoryRoute(world, api, "get", "/git/ref/:ref{.+}", READ, async ({ repo, param }) => {
    const ref = param("ref");
    const ran = await tryGit(repo.gitDir, ["rev-parse", "--verify", "--quiet", `refs/${ref}`]);
    if (ran.code !== 0) throw notFound();
    const sha = ran.stdout.toString("utf8").trim();
    const url = `${repositoryUrl(world, repo)}/git`;
    return ok({
      ref: `refs/${ref}`,
      node_id: nodeId("REF", ref.length),
      url: `${url}/refs/${ref}`,
      object: { type: "commit", sha, url: `${url}/commits/${sha}` },
    });
  });
  repositoryRoute(world, api, "get", "/branches/:branch{.+}", READ, branch);
  repositoryRoute(world, api, "get", "/compare/:basehead{.+}", READ, compare);
  repositoryRoute(world, api, "get", "/commits/:ref", READ, async ({ repo, param, accept }) => {
    const sha = await resolveCommit(repo.gitDir, param("ref"));
    if (sha === undefined) throw new WireError(422, `No commit found for SHA: ${param("ref")}`);
    if (accept.includes("application/vnd.github.sha")) {
      return {
        status: 200,
        body: Buffer.from(sha),
        headers: { "content-type": "application/vnd.github.sha; charset=utf-8" },
      };
    }
    return ok(commitShape(world, repo, await readCommit(repo.gitDir, sha)));
  });
}

async function tree(call: RepositoryCall, limits: CodeLimits): Promise<Reply> {
  const { world, repo } = call;
  const name = call.param("sha");
  const ran = await tryGit(repo.gitDir, ["rev-parse", "--verify", "--quiet", `${name}^{tree}`]);
  if (ran.code !== 0) throw notFound();
  const sha = ran.stdout.toString("utf8").trim();
  const recursive = call.query("recursive") !== undefined;
  const entries = (await readTree(repo.gitDir, sha, recursive)) ?? [];
  const truncated = recursive && entries.length > limits.treeEntries;
  const api = repositoryUrl(world, repo);
  return ok({
    sha,
    url: `${api}/git/trees/${sha}`,
    tree: entries.slice(0, recursive ? limits.treeEntries : undefined).map((entry) => ({
      path: entry.path,
      mode: entry.mode,
      type: entry.type,
      sha: entry.sha,
      ...(entry.size === undefined ? {} : { size: entry.size }),
      url: `${api}/git/${entry.type}s/${entry.sha}`,
    })),
    truncated,
  });
}

async function readContent(call: RepositoryCall): Promise<Reply> {
  const { world, repo } = call;
  const path = call.param("path").replace(/\/$/, "");
  const ref = call.query("ref") ?? repo.defaultBranch;
  const commit = await resolveCommit(repo.gitDir, ref);
  if (commit === undefined) throw new WireError(404, `No commit found for the ref ${ref}`);
  const listed = await tryGit(repo.gitDir, ["ls-tree", "-l", "-z", commit, "--", path]);
  const [line = ""] = listed.stdout.toString("utf8").split("\0");
  if (listed.code !== 0 || line === "") throw notFound();
  const [mode = "", type = "", sha = ""] = line.slice(0, line.indexOf("\t")).split(/ +/);
  if (type === "tree") {
    const entries = (await readTree(repo.gitDir, sha, false)) ?? [];
    return ok(
      entries.map((entry) => contentEntry(world, call, `${path}/${entry.path}`, entry, ref)),
    );
  }
  const content = (await readBlob(repo.gitDir, sha)) ?? Buffer.alloc(0);
  if (content.length > RAW_BYTES_MAX)
    throw new WireError(403, "This API returns blobs up to 100 MB in size.");
  if (call.accept.includes("raw")) {
    return {
      status: 200,
      body: content,
      headers: { "content-type": "application/vnd.github.raw+json; charset=utf-8" },
    };
  }
  const entry = { mode, type: "blob", sha, size: content.length, path } as const;
  const base = contentEntry(world, call, path, entry, ref);
  if (mode === "120000") return ok({ ...base, type: "symlink", target: content.toString("utf8") });
  const tooBig = content.length > CONTENT_BYTES_MAX;
  return ok({
    ...base,
    content: tooBig ? "" : lines60(content.toString("base64")),
    encoding: tooBig ? "none" : "base64",
  });
}

/** GitHub wraps base64 every 60 characters. */
function lines60(base64: string): string {
  return base64.replace(/.{60}/g, "$&\n");
}

function contentEntry(
  world: World,
  call: RepositoryCall,
  path: string,
  entry: TreeEntry,
  ref: string,
): Json {
  const api = repositoryUrl(world, call.repo);
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  const url = `${api}/contents/${encoded}?ref=${ref}`;
  const gitUrl = `${api}/git/${entry.type}s/${entry.sha}`;
  const html = `${world.origin}/${fullName(call.repo)}/${entry.type}/${ref}/${encoded}`;
  return {
    name: path.slice(path.lastIndexOf("/") + 1),
    path,
    sha: entry.sha,
    size: entry.size ?? 0,
    url,
    html_url: html,
    git_url: gitUrl,
    download_url: entry.type === "blob" ? `${html}?raw=true` : null,
    type: entry.type === "tree" ? "dir" : entry.mode === "120000" ? "symlink" : "file",
    _links: { self: url, git: gitUrl, html },
  };
}

async function writeContent(call: RepositoryCall): Promise<Reply> {
  const { world, repo, body } = call;
  const path = call.param("path");
  refuseWorkflows(call, [path]);
  const name = typeof body["branch"] === "string" ? body["branch"] : repo.defaultBranch;
  const parent = repo.branches.get(name);
  const before = await tryGit(repo.gitDir, [
    "rev-parse",
    "--verify",
    "--quiet",
    `${parent}:${path}`,
  ]);
  const old = before.code === 0 ? before.stdout.toString("utf8").trim() : undefined;
  if (old !== undefined && body["sha"] === undefined) {
    throw new WireError(422, `Invalid request.\n\n"sha" wasn't supplied.`);
  }
  if (old !== undefined && body["sha"] !== old)
    throw new WireError(409, `${path} does not match ${String(body["sha"])}`);
  const by = actor(world, call.caller);
  const content = Buffer.from(String(body["content"]), "base64").toString("utf8");
  const message = String(body["message"]);
  const author = personOf(by, world.now());
  const sha = await commitFiles(repo.gitDir, {
    branch: name,
    parent,
    files: { [path]: content },
    message,
    author,
  });
  await branchesMoved(world, repo, by);
  const blob = (await git(repo.gitDir, ["rev-parse", `${sha}:${path}`])).trim();
  const entry = {
    mode: "100644",
    type: "blob",
    sha: blob,
    size: Buffer.byteLength(content),
    path,
  } as const;
  const commit = await readCommit(repo.gitDir, sha);
  return {
    status: old === undefined ? 201 : 200,
    body: {
      content: contentEntry(world, call, path, entry, name),
      commit: gitCommit(world, repo, commit),
    },
  };
}

async function branch(call: RepositoryCall): Promise<Reply> {
  const { world, repo } = call;
  const name = call.param("branch");
  const sha = repo.branches.get(name);
  if (sha === undefined) throw new WireError(404, "Branch not found");
  const url = `${repositoryUrl(world, repo)}/branches/${name}`;
  const protection = repo.protections.get(name);
  return ok({
    name,
    commit: commitShape(world, repo, await readCommit(repo.gitDir, sha)),
    _links: { self: url, html: `${world.origin}/${fullName(repo)}/tree/${name}` },
    protected: protection !== undefined,
    protection: {
      enabled: protection !== undefined,
      required_status_checks: {
        enforcement_level: "non_admins",
        contexts: protection?.checks ?? [],
        checks: [],
      },
    },
    protection_url: `${url}/protection`,
  });
}

async function compare(call: RepositoryCall): Promise<Reply> {
  const { world, repo } = call;
  const [left = "", right = ""] = call.param("basehead").split("...", 2);
  const base = await resolveCommit(repo.gitDir, left.slice(left.indexOf(":") + 1));
  const head = await resolveCommit(repo.gitDir, right.slice(right.indexOf(":") + 1));
  if (base === undefined || head === undefined) throw notFound();
  const fork = await mergeBase(repo.gitDir, base, head);
  if (fork === undefined)
    throw new WireError(404, `No common ancestor between ${left} and ${right}.`);
  const ahead = await readCommits(repo.gitDir, [`${base}..${head}`]);
  const behind = await readCommits(repo.gitDir, [`${head}..${base}`]);
  const files = (await diffFiles(repo.gitDir, fork, head)).slice(0, COMPARE_FILES_MAX);
  const { items, headers } = page(call, ahead);
  const url = `${repositoryUrl(world, repo)}/compare/${left}...${right}`;
  const html = `${world.origin}/${fullName(repo)}/compare/${left}...${right}`;
  const both = ahead.length > 0 && behind.length > 0;
  return {
    status: 200,
    headers,
    body: {
      url,
      html_url: html,
      permalink_url: html,
      diff_url: `${html}.diff`,
      patch_url: `${html}.patch`,
      base_commit: commitShape(world, repo, await readCommit(repo.gitDir, base)),
      merge_base_commit: commitShape(world, repo, await readCommit(repo.gitDir, fork)),
      status: both
        ? "diverged"
        : ahead.length > 0
          ? "ahead"
          : behind.length > 0
            ? "behind"
            : "identical",
      ahead_by: ahead.length,
      behind_by: behind.length,
      total_commits: ahead.length,
      commits: items.map((commit) => commitShape(world, repo, commit)),
      files: files.map((file) => diffEntry(world, repo, head, file)),
    },
  };
}
