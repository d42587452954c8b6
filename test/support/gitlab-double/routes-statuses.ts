import type { Context, Hono } from "hono";
import { resolveCommit, tryGit } from "../github-double/git.ts";
import { type Asked, enter, notFound, page, userOf } from "./enter.ts";
import { gitDirOf, type Status } from "./forge.ts";
import { statusShape } from "./shapes.ts";
import type { World } from "./world.ts";

const OPEN = new Set(["pending", "running"]);

export function statusRoutes(world: World, app: Hono): void {
  app.get("/api/v4/projects/:id/repository/commits/:sha/statuses", async (c) => {
    const asked = enter(world, c);
    if (asked instanceof Response) return asked;
    const { forge } = asked.project;
    const sha = await resolveCommit(gitDirOf(asked.project), c.req.param("sha") ?? "");
    if (sha === undefined) return notFound(c, "Commit");
    const { name, all } = c.req.query();
    const found = forge.statuses.filter(
      (status) =>
        status.sha === sha &&
        (name === undefined || status.name === name) &&
        (all === "true" || !status.retried),
    );
    return c.json(page(c, found).map((status) => statusShape(world, status)));
  });
  app.post("/api/v4/projects/:id/statuses/:sha", async (c) => {
    const asked = enter(world, c);
    return asked instanceof Response ? asked : await putStatus(world, c, asked);
  });
}

interface Put {
  readonly state?: string;
  readonly name?: string;
  readonly ref?: string;
  readonly target_url?: string;
  readonly description?: string;
}

/** One of this name, branch and person that waits or runs is moved; else there is another one. */
async function putStatus(world: World, c: Context, asked: Asked): Promise<Response> {
  const { project, caller } = asked;
  const body = await c.req.json<Put>();
  if (caller.role === "reporter") return c.json({ message: "403 Forbidden" }, 403);
  const sha = await resolveCommit(gitDirOf(project), c.req.param("sha") ?? "");
  if (sha === undefined) return notFound(c, "Commit");
  const ref = body.ref ?? (await firstBranchWith(gitDirOf(project), sha));
  if (ref === undefined) return notFound(c, "References for commit");
  if ((body.description ?? "").length > 255) {
    return c.json({ message: { description: ["is too long (maximum is 255 characters)"] } }, 400);
  }
  const { statuses } = project.forge;
  const { name = "default", state = "" } = body;
  const alike = statuses.filter((one) => one.sha === sha && one.ref === ref && one.name === name);
  const open = alike.find((one) => OPEN.has(one.status) && one.user.id === caller.id);
  const refused = refusal(open?.status, state);
  if (refused !== undefined) return c.json({ message: refused }, 400);
  const status: Status = open ?? {
    id: world.nextId++,
    sha,
    ref,
    name,
    user: userOf(world, caller),
    status: state,
    description: null,
    targetUrl: null,
    retried: false,
    createdAt: world.now(),
  };
  status.status = state;
  status.description = body.description ?? status.description;
  status.targetUrl = body.target_url ?? status.targetUrl;
  if (open === undefined) {
    for (const one of alike) one.retried = true;
    statuses.push(status);
  }
  return c.json(statusShape(world, status), 201);
}

const EVENTS: Readonly<Record<string, string>> = { pending: "enqueue", running: "run" };

/** The moves of a job: what runs can only end. */
function refusal(from: string | undefined, to: string): string | undefined {
  const event = EVENTS[to];
  if (event === undefined || from === undefined) return undefined;
  if (from === "pending" && to === "running") return undefined;
  return `Cannot transition status via :${event} from :${from} (Reason(s): Status cannot transition via "${event}")`;
}

async function firstBranchWith(gitDir: string, sha: string): Promise<string | undefined> {
  const ran = await tryGit(gitDir, ["branch", "--format=%(refname:short)", "--contains", sha]);
  const [first] = ran.stdout.toString("utf8").split("\n");
  return first === "" ? undefined : first;
}
