import type { InitiateOutcome } from "../../engine/compatible-door.ts";
import type { ClaimedRun } from "../../ports/runner-store.ts";
import { splitKey } from "../work-item.ts";
import { derivedConfig } from "./config.ts";

/** The newest format of results that is understood. */
const RESULT_VERSION = 2;
const PROTOCOL_VERSION = 1;

type Handed = Extract<InitiateOutcome, { kind: "work" | "index" | "build" }>;

/** What a job is to do, in the words of existing runners. */
export function manifest(handed: Handed, apiBaseUrl: string): object {
  const { run, credential } = handed;
  if (handed.kind === "build") return buildManifest(handed);
  const { config, workflowOf } = derivedConfig(run);
  const shared = { token: credential, base_ref: run.baseRef, config };
  if (handed.kind === "index") return { type: "index", ...shared, dirs: handed.dirs };
  const changed = run.units.map(({ dirspace, affected }) => {
    const { dir, workspace } = splitKey(dirspace);
    return {
      path: dir,
      workspace,
      rank: 0,
      stack_name: affected.stack.name,
      ...workflow(workflowOf.get(dirspace)),
      variables: affected.stack.variables,
    };
  });
  return {
    type: run.kind,
    ...shared,
    api_base_url: apiBaseUrl,
    installation_id: run.pullRequest.repository.ref.installation,
    changed_dirspaces: changed,
    run_kind: "pr",
    run_kind_data: { id: String(run.pullRequest.number) },
    result_version: RESULT_VERSION,
    protocol_version: PROTOCOL_VERSION,
    // None: tools come from where the job's image gets them.
    capabilities: [],
    ...allDirspaces(run, changed),
  };
}

/** Such a runner takes the script from the configuration, and hands the whole of it to a config builder. */
function buildManifest({
  run,
  credential,
  stage,
  order,
}: Extract<Handed, { kind: "build" }>): object {
  const builder = { enabled: true, script: order.script };
  const written = derivedConfig(run).config as object;
  const given: unknown = order.input === undefined ? {} : JSON.parse(order.input);
  const config = { ...written, ...(given as object), [`${stage}_builder`]: builder };
  return { type: `build-${stage}`, token: credential, base_ref: run.baseRef, config };
}

function workflow(index: number | undefined): object {
  return index === undefined ? {} : { workflow: index };
}

/** Only estimated costs look at those that did not change, and none are estimated. */
function allDirspaces({ kind }: ClaimedRun, changed: readonly object[]): object {
  return kind === "plan" ? { dirspaces: changed, base_dirspaces: [] } : {};
}
