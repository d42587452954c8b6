import type { Path } from "./places.ts";
import type { RawConfig } from "./raw.ts";
import type { RawGate } from "./schema/gate.ts";
import type { RawHook, RawStep } from "./schema/steps.ts";

/** Something of one kind, wherever it stands in a configuration. */
export interface Found<Value> {
  readonly value: Value;
  readonly path: Path;
}

/** Every tag query. */
export function* queriesOf(raw: RawConfig): Generator<Found<string>> {
  yield* dependsOnOf(raw);
  const lists = [
    [["workflows"], raw.workflows],
    [["apply_requirements", "checks"], raw.apply_requirements?.checks],
    [["access_control", "policies"], raw.access_control?.policies],
    [["notifications", "policies"], raw.notifications?.policies],
  ] as const;
  for (const [path, list] of lists) {
    for (const [index, { tag_query: value }] of (list ?? []).entries()) {
      yield { value, path: [...path, index, "tag_query"] };
    }
  }
  for (const [name, schedule] of Object.entries(raw.drift?.schedules ?? {})) {
    yield { value: schedule.tag_query, path: ["drift", "schedules", name, "tag_query"] };
  }
  for (const [name, stack] of Object.entries(raw.stacks?.names ?? {})) {
    const value = stack.tag_query;
    if (typeof value === "string") yield { value, path: ["stacks", "names", name, "tag_query"] };
  }
}

function* dependsOnOf(raw: RawConfig): Generator<Found<string>> {
  for (const { value, path } of whenModifiedOf(raw)) {
    const dependsOn = value.depends_on;
    if (typeof dependsOn === "string") {
      yield { value: dependsOn, path: [...path, "depends_on"] };
    } else if (dependsOn) {
      yield { value: dependsOn.tag_query, path: [...path, "depends_on", "tag_query"] };
    }
  }
}

type RawWhenModified = NonNullable<RawConfig["when_modified"]>;

/** Of the repository, of directories and of workspaces. */
export function* whenModifiedOf(raw: RawConfig): Generator<Found<RawWhenModified>> {
  if (raw.when_modified) yield { value: raw.when_modified, path: ["when_modified"] };
  for (const [key, dir] of Object.entries(raw.dirs ?? {})) {
    const path = ["dirs", key];
    if (dir?.when_modified) yield { value: dir.when_modified, path: [...path, "when_modified"] };
    for (const kind of ["workspaces", "stacks"] as const) {
      for (const [name, workspace] of Object.entries(dir?.[kind] ?? {})) {
        if (!workspace?.when_modified) continue;
        yield { value: workspace.when_modified, path: [...path, kind, name, "when_modified"] };
      }
    }
  }
}

/** Every step of a workflow. */
export function* stepsOf(raw: RawConfig): Generator<Found<RawStep>> {
  for (const [index, workflow] of (raw.workflows ?? []).entries()) {
    for (const phase of ["plan", "apply"] as const) {
      for (const [at, value] of (workflow[phase] ?? []).entries()) {
        yield { value, path: ["workflows", index, phase, at] };
      }
    }
  }
}

export function* hooksOf(raw: RawConfig): Generator<Found<RawHook>> {
  for (const when of ["all", "plan", "apply"] as const) {
    for (const place of ["pre", "post"] as const) {
      for (const [at, value] of (raw.hooks?.[when]?.[place] ?? []).entries()) {
        yield { value, path: ["hooks", when, place, at] };
      }
    }
  }
}

/** What asks people for approval: gates and apply requirements. */
export type RawApproval = Pick<RawGate, "all_of" | "any_of" | "any_of_count">;

export function* approvalsOf(raw: RawConfig): Generator<Found<RawApproval>> {
  for (const [index, { approved }] of (raw.apply_requirements?.checks ?? []).entries()) {
    if (!approved) continue;
    yield { value: approved, path: ["apply_requirements", "checks", index, "approved"] };
  }
  for (const { value: step, path } of [...stepsOf(raw), ...hooksOf(raw)]) {
    if ("on_error" in step) {
      for (const [at, value] of (step.on_error ?? []).entries()) {
        yield { value, path: [...path, "on_error", at] };
      }
    }
    if ("gate" in step && step.gate) yield { value: step.gate, path: [...path, "gate"] };
  }
}

const ACCESS_LISTS = ["terrateam_config_update", "ci_config_update", "unlock"] as const;
const POLICY_LISTS = [
  "plan",
  "apply",
  "apply_autoapprove",
  "apply_force",
  "apply_with_superapproval",
  "superapproval",
] as const;

/** Every list of people. */
export function* matchListsOf(raw: RawConfig): Generator<Found<readonly string[]>> {
  for (const { value, path } of approvalsOf(raw)) {
    for (const key of ["all_of", "any_of"] as const) {
      if (value[key]) yield { value: value[key], path: [...path, key] };
    }
  }
  const access = raw.access_control;
  for (const key of ACCESS_LISTS) {
    if (access?.[key]) yield { value: access[key], path: ["access_control", key] };
  }
  for (const [file, value] of Object.entries(access?.files ?? {})) {
    yield { value, path: ["access_control", "files", file] };
  }
  for (const [index, policy] of (access?.policies ?? []).entries()) {
    for (const key of POLICY_LISTS) {
      const value = policy[key];
      if (value) yield { value, path: ["access_control", "policies", index, key] };
    }
  }
}
