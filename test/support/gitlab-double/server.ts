import { type Context, Hono } from "hono";
import { compose } from "./config.ts";
import { enter, page } from "./enter.ts";
import { answerGit } from "./git-routes.ts";
import { codeRoutes } from "./routes-code.ts";
import { mergeRequestRoutes } from "./routes-merge-requests.ts";
import { peopleRoutes } from "./routes-people.ts";
import { statusRoutes } from "./routes-statuses.ts";
import { talkRoutes } from "./routes-talk.ts";
import {
  type Caller,
  cancelPipeline,
  type Job,
  newJob,
  type Pipeline,
  type PipelineVariable,
  type Project,
  pipelineStatus,
  retryJob,
  type World,
} from "./world.ts";

export interface Fault {
  readonly method: string;
  readonly path: RegExp;
  /** `lost`: the call is carried out, and its answer never arrives. */
  readonly kind: "lost" | "answer";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What GitLab answers: `/api/v4`, code over HTTP, and its identity provider. */
export function instance(world: World, faults: Fault[]): Hono {
  const app = new Hono();
  app.get("/.well-known/openid-configuration", (c) =>
    c.json({
      issuer: world.oidc.issuer ?? world.origin,
      jwks_uri: `${world.origin}/oauth/discovery/keys`,
      id_token_signing_alg_values_supported: ["RS256"],
    }),
  );
  app.get("/oauth/discovery/keys", (c) => c.json(world.oidc.keySet()));
  app.use("/api/v4/*", async (c, next) => {
    const at = faults.findIndex((one) => one.method === c.req.method && one.path.test(c.req.path));
    const [fault] = at < 0 ? [] : faults.splice(at, 1);
    if (fault?.kind !== "answer") await next();
    if (fault !== undefined) {
      c.res = undefined;
      c.res = new Response(fault.body, { status: fault.status, headers: fault.headers });
    }
  });
  app.use("/api/v4/*", world.journal.look);
  pipelineRoutes(world, app);
  statusRoutes(world, app);
  codeRoutes(world, app);
  mergeRequestRoutes(world, app);
  talkRoutes(world, app);
  peopleRoutes(world, app);
  app.use(async (c, next) => (await answerGit(world, c.req.raw)) ?? (await next()));
  app.notFound((c) => c.json({ error: "404 Not Found" }, 404));
  return app;
}

function pipelineRoutes(world: World, app: Hono): void {
  const projects = "/api/v4/projects/:id";
  app.post(`${projects}/pipeline`, async (c) => {
    const asked = enter(world, c);
    if (asked instanceof Response) return asked;
    return await createPipeline(world, c, asked.project, asked.caller);
  });
  app.get(`${projects}/pipelines`, (c) => {
    const asked = enter(world, c);
    if (asked instanceof Response) return asked;
    const { source, ref, name } = c.req.query();
    const all = [...asked.project.pipelines.values()].filter(
      (one) =>
        (source === undefined || one.source === source) &&
        (ref === undefined || one.ref === ref) &&
        (name === undefined || one.name === name),
    );
    const sorted = all.toSorted((a, b) =>
      c.req.query("sort") === "asc" ? a.id - b.id : b.id - a.id,
    );
    return c.json(page(c, sorted).map((one) => shown(world, one)));
  });
  app.get(`${projects}/pipelines/:pipeline`, (c) =>
    withPipeline(world, c, (pipeline) => c.json(shown(world, pipeline))),
  );
  app.get(`${projects}/pipelines/:pipeline/jobs`, (c) =>
    withPipeline(world, c, ({ jobs }) => {
      const all = c.req.query("include_retried") === "true" ? jobs : jobs.filter((j) => !j.retried);
      return c.json(
        page(
          c,
          all.toSorted((a, b) => b.id - a.id),
        ).map(shownJob),
      );
    }),
  );
  app.get(`${projects}/jobs/:job`, (c) => {
    const asked = enter(world, c);
    if (asked instanceof Response) return asked;
    const jobs = [...asked.project.pipelines.values()].flatMap((pipeline) => pipeline.jobs);
    const job = jobs.find(({ id }) => id === Number(c.req.param("job")));
    return job === undefined ? c.json({ message: "404 Not found" }, 404) : c.json(shownJob(job));
  });
  // 200 whatever its state is.
  app.post(`${projects}/pipelines/:pipeline/cancel`, (c) =>
    withPipeline(world, c, (pipeline) => {
      cancelPipeline(world, pipeline);
      return c.json(shown(world, pipeline));
    }),
  );
  app.post(`${projects}/pipelines/:pipeline/retry`, (c) =>
    withPipeline(world, c, (pipeline) => {
      const lost = pipeline.jobs.filter(
        (job) => !job.retried && (job.status === "failed" || job.status === "canceled"),
      );
      for (const job of lost) retryJob(world, job);
      return c.json(shown(world, pipeline), 201);
    }),
  );
}

interface CreatePipeline {
  readonly ref?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly variables?: readonly (Partial<PipelineVariable> & { readonly key: string })[];
}

async function createPipeline(
  world: World,
  c: Context,
  project: Project,
  caller: Caller,
): Promise<Response> {
  const body = await c.req.json<CreatePipeline>();
  const branch = project.branches.get(body.ref ?? "");
  if (body.ref === undefined) return c.json({ error: "ref is missing" }, 400);
  if (caller.role === "reporter") return c.json({ message: "403 Forbidden" }, 403);
  if (branch === undefined) return invalid(c, "Reference not found");
  if (project.protectedBranches.has(body.ref) && caller.role !== "maintainer") {
    return invalid(c, `You do not have sufficient permission to run a pipeline on '${body.ref}'.`);
  }
  const variables = (body.variables ?? []).map(
    ({ key, value = "", variable_type: type = "env_var" }) => ({ key, value, variable_type: type }),
  );
  if (variables.length > 0 && project.mayNotSetVariables) {
    return invalid(c, "Insufficient permissions to set pipeline variables");
  }
  const composed = compose({
    files: branch.files,
    elsewhere: (path) => {
      const other = [...world.projects.values()].find((one) => one.path === path);
      return other?.branches.get(other.defaultBranch)?.files;
    },
    inputs: body.inputs ?? {},
    variables: {
      ...Object.fromEntries(project.variables),
      CI_PIPELINE_SOURCE: "api",
      CI_COMMIT_BRANCH: body.ref,
      ...Object.fromEntries(variables.map(({ key, value }) => [key, value])),
    },
  });
  if (composed.kind === "refused") return invalid(c, composed.message);
  const pipeline: Pipeline = {
    id: world.nextId++,
    project,
    ref: body.ref,
    sha: branch.sha,
    source: "api",
    by: caller,
    name: expand(composed.name, variables),
    inputs: body.inputs ?? {},
    variables,
    jobs: [],
    createdAt: world.now(),
    fork: undefined,
  };
  for (const [name, definition] of composed.jobs) {
    pipeline.jobs.push(newJob(world, pipeline, name, definition));
  }
  project.pipelines.set(pipeline.id, pipeline);
  const answer = c.json(shown(world, pipeline), 201);
  for (const job of pipeline.jobs) world.onJob(job);
  return answer;
}

function expand(
  text: string | undefined,
  variables: readonly PipelineVariable[],
): string | undefined {
  return text?.replaceAll(
    /\$(\w+)/g,
    (_all, name: string) => variables.find(({ key }) => key === name)?.value ?? "",
  );
}

function invalid(c: Context, message: string): Response {
  return c.json({ message: { base: [message] } }, 400);
}

function withPipeline(
  world: World,
  c: Context,
  answer: (pipeline: Pipeline) => Response,
): Response {
  const asked = enter(world, c);
  if (asked instanceof Response) return asked;
  const pipeline = asked.project.pipelines.get(Number(c.req.param("pipeline")));
  if (pipeline === undefined) return c.json({ message: "404 Not found" }, 404);
  return answer(pipeline);
}

function shown(world: World, pipeline: Pipeline): Record<string, unknown> {
  return {
    id: pipeline.id,
    iid: pipeline.id,
    project_id: pipeline.project.id,
    sha: pipeline.sha,
    ref: pipeline.ref,
    status: pipelineStatus(pipeline),
    source: pipeline.source,
    created_at: pipeline.createdAt.toISOString(),
    updated_at: pipeline.createdAt.toISOString(),
    web_url: `${world.origin}/${pipeline.project.path}/-/pipelines/${pipeline.id}`,
    ...(world.namesPipelines ? { name: pipeline.name ?? null } : {}),
  };
}

function shownJob(job: Job): Record<string, unknown> {
  return {
    id: job.id,
    name: job.name,
    stage: "test",
    status: job.status,
    ref: job.pipeline.ref,
    tag: false,
    allow_failure: false,
    started_at: job.startedAt?.toISOString() ?? null,
    finished_at: job.finishedAt?.toISOString() ?? null,
    ...(job.failureReason === undefined ? {} : { failure_reason: job.failureReason }),
    pipeline: { id: job.pipeline.id, status: pipelineStatus(job.pipeline) },
    runner_manager:
      job.startedAt === undefined ? null : { id: 1, version: job.runnerVersion, status: "online" },
  };
}
