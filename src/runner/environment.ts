import { unreachable } from "../base/unreachable.ts";
import type { WorkEngine } from "../contract/engine.ts";
import type { WorkItem, WorkUnit } from "../contract/work.ts";
import { contextOf } from "./mask.ts";
import type { Env } from "./process.ts";

/** JSON objects in which CI files hand over secrets and variables as a whole; their members become variables. */
const CONTEXTS = ["SECRETS_CONTEXT", "VARIABLES_CONTEXT", "ENVIRONMENT_CONTEXT"];
/** The runner's own credentials: no tool needs them. */
const OWN_SECRETS = /^TERRANE_(?:ID_TOKEN(?:_\w+)?|CODE|CODE_FILE|SEAL_KEY|GIT_TOKEN)$/;

/** What every tool of this job sees, from what the CI system gave us. */
export function jobEnvironment(
  given: Readonly<Record<string, string | undefined>>,
  isFile: (path: string) => boolean,
): Env {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && !CONTEXTS.includes(name)) env[name] = value;
  }
  for (const context of CONTEXTS) {
    for (const [name, value] of Object.entries(contextOf(given[context] ?? ""))) env[name] = value;
  }
  // After the contexts: a CI file that hands over all secrets hands over these among them.
  for (const name of Object.keys(env)) if (OWN_SECRETS.test(name)) delete env[name];
  for (const [name, value] of Object.entries(env)) {
    // CI systems upper-case the names of variables, terraform's variables are mostly lower-case.
    const twin = `TF_VAR_${name.slice("TF_VAR_".length).toLowerCase()}`;
    if (name.startsWith("TF_VAR_") && env[twin] === undefined) env[twin] = value;
  }
  // A configuration file that is not there puts a warning above the output of every command.
  const cliConfig = env["TF_CLI_CONFIG_FILE"];
  if (cliConfig !== undefined && !isFile(cliConfig)) delete env["TF_CLI_CONFIG_FILE"];
  return {
    ...env,
    TF_IN_AUTOMATION: "1",
    TF_INPUT: "0",
    CHECKPOINT_DISABLE: "1",
    TG_NON_INTERACTIVE: "true",
    TERRAGRUNT_NON_INTERACTIVE: "true",
  };
}

export interface UnitPlaces {
  readonly root: string;
  readonly planFile: string;
  readonly tmp: string;
  readonly data: string;
}

/** What the tools of one unit see besides; each variable under its name here and under the accepted older one. */
export function unitEnvironment(
  job: Env,
  work: RunFacts,
  unit: WorkUnit,
  places: UnitPlaces,
): Record<string, string> {
  const own = {
    ...runVariables(work, places),
    DIR: unit.dir,
    WORKSPACE: unit.workspace,
    ...(unit.stack === undefined ? {} : { STACK: unit.stack.name }),
    PLAN_FILE: places.planFile,
    ENGINE_NAME: unit.engine.name,
    ...tfCommand(unit.engine),
  };
  // What the runner itself sets comes last: a variable of a stack cannot change what is planned.
  const env: Record<string, string> = {
    ...job,
    ...unit.stack?.variables,
    TF_DATA_DIR: places.data,
    ...named(own),
  };
  // It would overrule the workspace that we select.
  if (unit.createAndSelectWorkspace) delete env["TF_WORKSPACE"];
  return env;
}

/** What hooks see besides: they belong to no dirspace, and to an engine only where all have the same. */
export function hookEnvironment(
  job: Env,
  work: RunFacts & Pick<WorkItem, "units">,
  places: Pick<UnitPlaces, "root" | "tmp">,
): Record<string, string> {
  const [first, ...others] = work.units.map(({ engine }) => engine);
  const same = others.every((each) => JSON.stringify(each) === JSON.stringify(first));
  const engine =
    first !== undefined && same ? { ENGINE_NAME: first.name, ...tfCommand(first) } : {};
  return { ...job, ...named({ ...runVariables(work, places), ...engine }) };
}

type RunFacts = Pick<WorkItem, "pullRequest" | "kind" | "trigger" | "dashboardUrl" | "repository">;

function runVariables(
  work: RunFacts,
  places: Pick<UnitPlaces, "root" | "tmp">,
): Record<string, string> {
  return {
    ROOT: places.root,
    TMPDIR: places.tmp,
    RUN_KIND: work.trigger ?? "pr",
    RUN_KIND_DATA: JSON.stringify({ id: String(work.pullRequest.number) }),
    BASE_REF: work.pullRequest.baseRef,
    OPERATION: work.kind,
    REPOSITORY: work.repository.fullName,
    PULL_REQUEST: String(work.pullRequest.number),
    ...(work.dashboardUrl === null ? {} : { RUN_URL: work.dashboardUrl }),
  };
}

function named(own: Readonly<Record<string, string>>): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    env[`TERRATEAM_${name}`] = value;
    env[`TERRANE_${name}`] = value;
  }
  return env;
}

/** What policy tools and scripts read plans with; engines of another kind have none. */
function tfCommand(engine: WorkEngine): { readonly TF_CMD?: string } {
  switch (engine.name) {
    case "terraform":
    case "tofu":
      return { TF_CMD: engine.command ?? engine.name };
    case "terragrunt":
    case "cdktf":
      // What replaces the wrapper does not replace what it wraps.
      return { TF_CMD: engine.tfCmd };
    case "pulumi":
    case "custom":
      return {};
    default:
      return unreachable(engine);
  }
}
