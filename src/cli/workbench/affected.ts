import type { Affected, Branches } from "../../core/change/affected.ts";
import { changeSetOf, prepareRepository } from "../../core/change/change-set.ts";
import { placed } from "../../core/change/place-findings.ts";
import { twinsIn } from "../../core/change/twins.ts";
import type { Why } from "../../core/change/why.ts";
import { explainTarget } from "../../core/change/why-not.ts";
import type { Config } from "../../core/config/config.ts";
import { branchRefusal } from "../../core/config/destination-branch.ts";
import type { EffectiveConfig } from "../../core/config/effective.ts";
import type { Host } from "../host.ts";
import type { LocalBuilders } from "../local/local-builders.ts";
import { findCheckout } from "./checkout.ts";
import { type ChangeOptions, type Compared, compare } from "./compared.ts";
import { throughBuilders } from "./find-built.ts";
import { findIndex, type IndexFound } from "./find-index.ts";
import { aboutFile, isError, type Shown } from "./shown.ts";
import { type FoundConfig, findConfig, type SourceOptions } from "./sources.ts";

export interface AffectedOptions extends ChangeOptions, SourceOptions {
  readonly repo: string;
  readonly branch?: string;
  readonly destBranch?: string;
  readonly index?: string;
  readonly why?: string;
}

export interface AffectedAnswer {
  readonly dirspaces: readonly Affected[];
  readonly diagnostics: readonly Shown[];
  /** Those of the diagnostics that `config check` gives as well, whatever changes. */
  readonly warnings: readonly Shown[];
  readonly why: Why | undefined;
  readonly texts: ReadonlyMap<string, string>;
  /** Absent where it could not be read. */
  readonly config?: Config;
  /** The branch that the change goes into. */
  readonly destBranch: string;
}

type Ready = Extract<EffectiveConfig, { kind: "ok" }>;

/** Which dirspaces a change touches, in which order and why; or all of them, as if every file changed. */
export async function findAffected(
  host: Host,
  options: AffectedOptions,
  changing: "changes" | "everything" = "changes",
  builders?: LocalBuilders,
): Promise<AffectedAnswer> {
  const checkout = await findCheckout(host.machine, options.repo);
  const looked = await compare(host, checkout, options);
  const ref = looked.head;
  const read = await findConfig(host, checkout, {
    ...options,
    ...(ref === undefined ? {} : { ref }),
  });
  const { defaultBranch } = read;
  const destBranch = options.destBranch ?? defaultBranch?.name ?? "main";
  const branches = { branch: options.branch ?? looked.branch ?? "", destBranch };
  const built = await throughBuilders(read, looked, branches, builders);
  const { found } = built;
  const compared =
    changing === "changes" ? built.compared : { ...built.compared, changes: all(built.compared) };
  const texts = new Map(found.sources.map(({ file, text }) => [file, text]));
  const { effective } = found;
  const problems = [...found.problems, ...built.diagnostics.filter(isError)];
  if (effective.kind === "error" || problems.length > 0) {
    const errors = effective.kind === "error" ? effective.diagnostics : [];
    return {
      dirspaces: [],
      diagnostics: [...problems, ...errors],
      warnings: [],
      why: undefined,
      texts,
      destBranch,
    };
  }
  const index = await findIndex(host, checkout, compared, effective.config, options.index);
  const diagnostics = [
    ...effective.warnings,
    ...built.diagnostics,
    ...aboutSettings(effective, found, options, branches),
    ...index.diagnostics,
  ];
  const decided = decide(effective, compared, branches, index, diagnostics, options.why);
  const { warnings, config } = effective;
  return { ...decided, warnings, texts, config, destBranch };
}

function all({ tree }: Compared): Compared["changes"] {
  return tree.map((path) => ({ kind: "modified", path }));
}

function decide(
  ready: Ready,
  { tree, changes }: Compared,
  branches: Branches,
  { index }: IndexFound,
  before: readonly Shown[],
  target: string | undefined,
): Pick<AffectedAnswer, "dirspaces" | "diagnostics" | "why"> {
  // Whoever gives an index wants it to be used.
  const config =
    index === undefined ? ready.config : { ...ready.config, indexer: { enabled: true } };
  const files = { files: tree, ...(index === undefined ? {} : { index }) };
  const prepared = prepareRepository(config, files, branches);
  const set = prepared.kind === "error" ? prepared : changeSetOf(prepared, changes);
  const diagnostics = [...before, ...set.diagnostics.map((one) => placed(one, ready, tree))];
  const stoppedBy = twinsIn(set.diagnostics);
  if (prepared.kind === "error" || (set.kind === "error" && stoppedBy.length === 0)) {
    return { dirspaces: [], diagnostics, why: undefined };
  }
  const dirspaces = ready.config.enabled && set.kind === "ok" ? set.dirspaces : [];
  const looked = { prepared, changes, affected: dirspaces, stoppedBy };
  const why = target === undefined ? undefined : explainTarget(looked, target);
  return { dirspaces, diagnostics, why };
}

/** Settings that keep Terrane from working on a pull request, whatever it touches. */
function aboutSettings(
  { config, origins }: Ready,
  { defaultBranch }: FoundConfig,
  options: AffectedOptions,
  { branch, destBranch }: Branches,
): readonly Shown[] {
  const at = (code: string, key: string, message: string): Shown => {
    const origin = origins.near([key]);
    const found = aboutFile("warning", code, message, origin?.file ?? "");
    if (origin === undefined) return found;
    return { ...found, line: origin.line, column: origin.column, path: key };
  };
  if (!config.enabled) {
    return [at("disabled", "enabled", "`enabled: false`, so nothing is affected by any change")];
  }
  const compared = options.changed === undefined && defaultBranch !== undefined;
  const known = options.destBranch !== undefined || compared;
  const pull = {
    headRef: branch,
    baseRef: destBranch,
    defaultBranch: defaultBranch?.name ?? "main",
  };
  if (!known || branchRefusal(config.destinationBranches, pull) === undefined) return [];
  const message =
    `pull requests of \`${branch}\` into \`${destBranch}\` are not worked on: ` +
    "`destination_branches` does not allow it";
  return [at("destination_branch", "destination_branches", message)];
}

export function exitStatus({ diagnostics }: AffectedAnswer): 0 | 1 {
  return diagnostics.some(isError) ? 1 : 0;
}
