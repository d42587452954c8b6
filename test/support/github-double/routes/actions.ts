import {
  type Api,
  integer,
  ok,
  page,
  type Reply,
  type RepositoryCall,
  repositoryRoute,
  text,
} from "../api.ts";
import { actor } from "../auth.ts";
import {
  dispatch,
  findWorkflow,
  listWorkflows,
  moveRun,
  readWorkflow,
  workflowName,
} from "../domain/runs.ts";
import { readCommit } from "../git-read.ts";
import { jobShape, runHtmlUrl, runShape, runUrl, workflowShape } from "../shapes/action.ts";
import { field, isJson, type Json } from "../spec/description.ts";
import { notFound, WireError } from "../wire-error.ts";
import type { Workflow, WorkflowRun, World } from "../world.ts";

const READ = { permissions: ["actions"], level: "read" } as const;
const WRITE = { permissions: ["actions"], level: "write" } as const;
const RUN = "/actions/runs/:run{[0-9]+}";
/** A text of that path cannot be told apart from an id by GitHub either. */
const WORKFLOW = "/actions/workflows/:workflow";

export function actionRoutes(world: World, api: Api): void {
  repositoryRoute(world, api, "get", "/actions/workflows", READ, async (call) => {
    const all = await listWorkflows(world, call.repo);
    const { items, headers } = page(call, all);
    const workflows = await Promise.all(items.map((workflow) => show(call, workflow)));
    return { status: 200, body: { total_count: all.length, workflows }, headers };
  });
  repositoryRoute(world, api, "get", WORKFLOW, READ, async (call) =>
    ok(await show(call, await findWorkflow(world, call.repo, call.param("workflow")))),
  );
  repositoryRoute(world, api, "post", `${WORKFLOW}/dispatches`, WRITE, start);
  repositoryRoute(
    world,
    api,
    "get",
    "/actions/runs",
    READ,
    async (call) => await listRuns(call, undefined),
  );
  repositoryRoute(
    world,
    api,
    "get",
    `${WORKFLOW}/runs`,
    READ,
    async (call) =>
      await listRuns(call, await findWorkflow(world, call.repo, call.param("workflow"))),
  );
  repositoryRoute(world, api, "get", RUN, READ, async (call) => {
    const run = runAt(call);
    return ok(runShape(world, run, await readCommit(call.repo.gitDir, run.sha)));
  });
  repositoryRoute(world, api, "get", `${RUN}/jobs`, READ, (call) => {
    const run = runAt(call);
    return ok({ total_count: 1, jobs: [jobShape(world, run)] });
  });
  repositoryRoute(world, api, "post", `${RUN}/cancel`, WRITE, async (call) => {
    const run = runAt(call);
    if (run.state === "completed") {
      throw new WireError(409, "Cannot cancel a workflow run that is completed.");
    }
    run.cancel.abort();
    // Nothing runs yet, so nothing has to be stopped first.
    if (run.state === "queued") await moveRun(world, run, "completed", "cancelled");
    return { status: 202, body: {} };
  });
  repositoryRoute(world, api, "post", `${RUN}/force-cancel`, WRITE, async (call) => {
    const run = runAt(call);
    if (run.state === "completed")
      throw new WireError(409, "Cannot cancel a workflow run that is completed.");
    run.cancel.abort();
    await moveRun(world, run, "completed", "cancelled");
    return { status: 202, body: {} };
  });
}

async function show(call: RepositoryCall, workflow: Workflow): Promise<Json> {
  const definition = await readWorkflow(call.repo, workflow, call.repo.defaultBranch);
  return workflowShape(call.world, call.repo, workflow, workflowName(definition, workflow));
}

async function start(call: RepositoryCall): Promise<Reply> {
  const { world, repo } = call;
  const workflow = await findWorkflow(world, repo, call.param("workflow"));
  const wantsDetails = field(call.body, "return_run_details");
  if (wantsDetails !== undefined && !world.returnsRunDetails) {
    throw new WireError(422, `Invalid request.\n\n"return_run_details" is not a permitted key.`);
  }
  const inputs = field(call.body, "inputs");
  const run = await dispatch(world, repo, workflow, actor(world, call.caller), {
    ref: text(call, "ref") ?? "",
    inputs: isJson(inputs) ? inputs : {},
  });
  if (wantsDetails !== true) return { status: 204 };
  return ok({
    workflow_run_id: run.id,
    run_url: runUrl(world, run),
    html_url: runHtmlUrl(world, run),
  });
}

async function listRuns(call: RepositoryCall, workflow: Workflow | undefined): Promise<Reply> {
  const event = call.query("event");
  const branch = call.query("branch");
  const status = call.query("status");
  const created = call.query("created");
  const from = created?.startsWith(">=") === true ? new Date(created.slice(2)) : undefined;
  const found = [...call.repo.runs.values()]
    .filter(
      (run) =>
        (workflow === undefined || run.workflow.id === workflow.id) &&
        (event === undefined || run.event === event) &&
        (branch === undefined || run.ref === branch) &&
        (from === undefined || run.createdAt >= from) &&
        (status === undefined || run.state === status || run.conclusion === status),
    )
    .toReversed();
  const { items, headers } = page(call, found);
  const runs = await Promise.all(
    items.map(async (run) =>
      runShape(call.world, run, await readCommit(call.repo.gitDir, run.sha)),
    ),
  );
  return { status: 200, body: { total_count: found.length, workflow_runs: runs }, headers };
}

function runAt(call: RepositoryCall): WorkflowRun {
  const run = call.repo.runs.get(integer(call, "run"));
  if (run === undefined) throw notFound();
  return run;
}
