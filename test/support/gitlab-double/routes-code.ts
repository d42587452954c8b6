import type { Context, Hono } from "hono";
import {
  commitFiles,
  git,
  mergeBase,
  readBranches,
  resolveCommit,
  tryGit,
} from "../github-double/git.ts";
import { diffFiles, readCommit, readTree } from "../github-double/git-read.ts";
import { type Asked, enter, notFound, userOf } from "./enter.ts";
import { gitDirOf } from "./forge.ts";
import { branchesMoved } from "./heads.ts";
import { projectShape } from "./shapes.ts";
import type { Project, World } from "./world.ts";

const PROJECTS = "/api/v4/projects/:id";

type Answer = (project: Project, gitDir: string) => Response | Promise<Response>;

/** What projects have of code; all of it by commit, branch or tag. */
export function codeRoutes(world: World, app: Hono): void {
  const get = (path: string, answer: (c: Context) => Answer) =>
    app.get(`${PROJECTS}${path}`, async (c) => {
      const asked = enter(world, c);
      if (asked instanceof Response) return asked;
      return await answer(c)(asked.project, gitDirOf(asked.project));
    });
  app.get(PROJECTS, (c) => {
    const asked = enter(world, c);
    return asked instanceof Response ? asked : c.json(projectShape(world, asked.project));
  });
  get("/repository/branches/:branch", (c) => (project, gitDir) => branch(c, project, gitDir));
  app.delete(`${PROJECTS}/repository/branches/:branch`, async (c) => {
    const asked = enter(world, c);
    if (asked instanceof Response) return asked;
    const { project, caller } = asked;
    const name = c.req.param("branch");
    const gitDir = gitDirOf(project);
    if (!(await readBranches(gitDir)).has(name)) return notFound(c, "Branch");
    if (name === project.defaultBranch || project.protectedBranches.has(name)) {
      return c.json({ message: "Protected branch can't be removed" }, 403);
    }
    await git(gitDir, ["update-ref", "-d", `refs/heads/${name}`]);
    await branchesMoved(world, project, userOf(world, caller));
    return c.body(null, 204);
  });
  get("/repository/commits/:sha", (c) => async (_project, gitDir) => {
    const sha = await resolveCommit(gitDir, c.req.param("sha") ?? "");
    return sha === undefined ? notFound(c, "Commit") : c.json(await commitShape(gitDir, sha));
  });
  app.post(`${PROJECTS}/repository/commits`, async (c) => {
    const asked = enter(world, c);
    return asked instanceof Response ? asked : await commit(world, c, asked);
  });
  get("/repository/tree", (c) => (_project, gitDir) => tree(world, c, gitDir));
  get("/repository/files/:path/raw", (c) => async (_project, gitDir) => {
    const sha = await resolveCommit(gitDir, c.req.query("ref") ?? "");
    if (sha === undefined) return notFound(c, "Commit");
    const read = await tryGit(gitDir, ["cat-file", "blob", `${sha}:${c.req.param("path")}`]);
    if (read.code !== 0) return notFound(c, "File");
    return c.body(new Uint8Array(read.stdout), 200, { "content-type": "text/plain" });
  });
  // Also of projects whose code is nothing but their CI files.
  app.get(`${PROJECTS}/repository/files/:path`, (c) => {
    const asked = enter(world, c);
    if (asked instanceof Response) return asked;
    const ref = c.req.query("ref") ?? "";
    const branch = asked.project.branches.get(ref);
    const path = c.req.param("path");
    const text = branch?.files.get(path);
    if (branch === undefined || text === undefined) return notFound(c, "File");
    const bytes = Buffer.from(text);
    return c.json({
      file_name: path.slice(path.lastIndexOf("/") + 1),
      file_path: path,
      size: bytes.length,
      encoding: "base64",
      content: bytes.toString("base64"),
      ref,
      commit_id: branch.sha,
      last_commit_id: branch.sha,
    });
  });
  get("/repository/merge_base", (c) => async (_project, gitDir) => {
    const [a = "", b = ""] = c.req.queries("refs[]") ?? [];
    const base = await mergeBase(gitDir, a, b);
    return base === undefined ? notFound(c, "Merge Base") : c.json(await commitShape(gitDir, base));
  });
  get("/repository/compare", (c) => (project, gitDir) => compare(c, project, gitDir));
}

async function branch(c: Context, project: Project, gitDir: string): Promise<Response> {
  const name = c.req.param("branch") ?? "";
  const format = await tryGit(gitDir, ["check-ref-format", "--branch", name]);
  if (format.code !== 0) return c.json({ error: "The branch refname is invalid" }, 400);
  const commit = (await readBranches(gitDir)).get(name);
  if (commit === undefined) return notFound(c, "Branch");
  return c.json({
    name,
    default: name === project.defaultBranch,
    protected: project.protectedBranches.has(name),
    commit: await commitShape(gitDir, commit),
  });
}

interface Commit {
  readonly branch: string;
  readonly start_sha?: string;
  readonly force?: boolean;
  readonly commit_message: string;
  readonly actions: readonly {
    readonly action: "create" | "update";
    readonly file_path: string;
    readonly content: string;
  }[];
}

async function commit(world: World, c: Context, { project, caller }: Asked): Promise<Response> {
  const wish = await c.req.json<Commit>();
  const gitDir = gitDirOf(project);
  if (project.forge.heads.has(wish.branch) && wish.force !== true) {
    return c.json({ message: `A branch called '${wish.branch}' already exists.` }, 400);
  }
  const parent = await resolveCommit(gitDir, wish.start_sha ?? wish.branch);
  if (parent === undefined) return c.json({ message: "Cannot find start_sha" }, 400);
  for (const { action, file_path: path } of wish.actions) {
    const there = (await tryGit(gitDir, ["cat-file", "-e", `${parent}:${path}`])).code === 0;
    if (there && action === "create") {
      return c.json({ message: "A file with this name already exists" }, 400);
    }
    if (!there && action === "update") {
      return c.json({ message: "A file with this name doesn't exist" }, 400);
    }
  }
  const by = userOf(world, caller);
  const sha = await commitFiles(gitDir, {
    branch: wish.branch,
    parent,
    files: Object.fromEntries(wish.actions.map((one) => [one.file_path, one.content])),
    message: wish.commit_message,
    author: { name: by.username, email: `${by.username}@example.test`, at: world.now() },
  });
  await branchesMoved(world, project, by);
  return c.json(await commitShape(gitDir, sha), 201);
}

async function commitShape(gitDir: string, sha: string) {
  const commit = await readCommit(gitDir, sha);
  return {
    id: sha,
    short_id: sha.slice(0, 8),
    title: commit.message.split("\n", 1)[0] ?? "",
    message: commit.message,
    parent_ids: commit.parents,
    authored_date: commit.author.date,
    committed_date: commit.committer.date,
  };
}

/** Page after page by a token: the id of the last entry, as Gitaly has it. */
async function tree(world: World, c: Context, gitDir: string): Promise<Response> {
  const { ref = "HEAD", path = "", recursive, pagination, page_token: token } = c.req.query();
  const sha = await resolveCommit(gitDir, ref);
  if (sha === undefined) return notFound(c, "Tree");
  const at = path === "" ? sha : `${sha}:${path}`;
  const entries = await readTree(gitDir, at, recursive === "true");
  if (entries === undefined) return notFound(c, "invalid revision or path");
  const all = entries.map((entry) => ({
    id: entry.sha,
    name: entry.path.slice(entry.path.lastIndexOf("/") + 1),
    type: entry.type,
    path: path === "" ? entry.path : `${path}/${entry.path}`,
    mode: entry.mode,
  }));
  const size = Math.min(Number(c.req.query("per_page") ?? 20), 100);
  if (pagination !== "keyset") return c.json(all.slice(0, size));
  const from = token === undefined ? 0 : Number(token) + 1;
  const part = all.slice(from, from + size);
  if (from + size < all.length) {
    const next = new URL(`${world.origin}${new URL(c.req.url).pathname}`);
    const query = { ...c.req.query(), page_token: String(from + size - 1) };
    for (const [name, value] of Object.entries(query)) next.searchParams.set(name, value);
    c.header("link", `<${next}>; rel="next"`);
  }
  return c.json(part);
}

/** Cut without another word than `compare_timeout`. */
async function compare(c: Context, project: Project, gitDir: string): Promise<Response> {
  const { from = "", to = "", straight } = c.req.query();
  const [base, head] = [await resolveCommit(gitDir, from), await resolveCommit(gitDir, to)];
  if (base === undefined || head === undefined) return notFound(c, "Ref");
  const fork = straight === "true" ? base : await mergeBase(gitDir, base, head);
  const files = fork === undefined ? [] : await diffFiles(gitDir, fork, head);
  const max = project.forge.comparedFilesMax;
  const commits = await git(gitDir, ["rev-list", "--max-count=1", `${base}..${head}`]);
  return c.json({
    commit: commits.trim() === "" ? null : await commitShape(gitDir, head),
    commits: [],
    diffs: files.slice(0, max).map((file) => ({
      diff: "",
      new_path: file.path,
      old_path: file.from ?? file.path,
      a_mode: "100644",
      b_mode: "100644",
      new_file: file.status === "added" || file.status === "copied",
      renamed_file: file.status === "renamed",
      deleted_file: file.status === "removed",
      collapsed: false,
      too_large: false,
    })),
    compare_timeout: files.length > max,
    compare_same_ref: base === head,
    web_url: "",
  });
}
