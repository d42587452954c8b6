import type { DirspaceKey } from "../change/dirspace.ts";
import type { Config } from "../config/config.ts";
import { destinationOf } from "../config/destination-branch.ts";
import type { Path } from "../config/places.ts";
import { matches } from "../query/match.ts";
import type { Query } from "../query/query.ts";
import type { AccessOperation, Reason, ReasonCode } from "../reason.ts";
import type { DirspaceState, Snapshot } from "../snapshot.ts";
import type { RuleBook } from "./rule-book.ts";
import { placesOf, type RulePlace } from "./rule-place.ts";

type ReasonOf<C extends ReasonCode> = Extract<Reason, { readonly code: C }>;

/** Found again from what the reason is about, so that nothing that judges has to carry places along. */
export interface Ruled {
  readonly config: Config;
  readonly states: readonly DirspaceState[];
}

type Finder<C extends ReasonCode> = (reason: ReasonOf<C>, ruled: Ruled) => readonly Path[];

/** Says of a reason where in the configuration its rule stands; one that has no rule, or has its places, stays as it is. */
export function withPlaces(reason: Reason, book: RuleBook, snapshot: Snapshot): Reason {
  if (reason.rules !== undefined || !hasRule(reason.code)) return reason;
  const keys = new Set(keysIn(reason));
  // What is said of the pull request as a whole follows from what counts for any part of it.
  const states = snapshot.dirspaces.filter(({ key, affected }) =>
    keys.size === 0 ? affected !== undefined : keys.has(key),
  );
  const paths = pathsOf(reason.code, reason, { config: book.config, states });
  const places = placesOf(book.origins, paths.filter(isCited(reason.code, book)));
  const rules = [...places, ...placesOfStates(reason.code, states)];
  return rules.length === 0 ? reason : { ...reason, rules: rules.slice(0, RULES_MAX) };
}

const RULES_MAX = 5;

/** A conflict stops whoever wrote nothing about conflicts as well; then no line is to blame. */
function isCited(code: ReasonCode, { origins }: RuleBook): (path: Path) => boolean {
  return (path) => code !== "merge_conflict" || origins.of(path).source !== "default";
}

/** The dirspaces a reason names, whatever they are called there. */
export function keysIn(reason: Reason): readonly DirspaceKey[] {
  if ("dirspaces" in reason) return reason.dirspaces;
  if ("locks" in reason) return reason.locks.map(({ dirspace }) => dirspace);
  if (reason.code === "why_shown") return [reason.dirspace];
  if (reason.code === "others_first") return reason.waits.map(({ dirspace }) => dirspace);
  return "planned" in reason ? [...reason.planned, ...reason.others] : [];
}

/** Reasons that a rule of the configuration makes; the others come from what happened. */
const FINDERS: { readonly [C in ReasonCode]?: Finder<C> } = {
  disabled: () => [["enabled"]],
  base_not_configured: () => [["destination_branches"]],
  source_not_configured: ({ base }, { config }) => {
    const index = destinationOf(config.destinationBranches, base);
    return [["destination_branches", ...(index < 0 ? [] : [index, "source_branches"])]];
  },
  access_denied: ({ operation }, ruled) =>
    each(ruled, policiesOf(ruled), (index) => [
      "access_control",
      "policies",
      index,
      POLICY_KEYS[operation],
    ]),
  no_policy_matches: () => [["access_control", "policies"]],
  file_guarded: ({ what, path }) => [
    ["access_control", ...(what === "file" ? ["files", path] : [GUARD_KEYS[what]])],
  ],
  unlock_denied: () => [["access_control", "unlock"]],
  access_control_off: () => [["access_control", "enabled"]],
  force_unlock_denied: () => [["access_control", "unlock"]],
  apply_forced: (_, ruled) =>
    each(ruled, policiesOf(ruled), (index) => ["access_control", "policies", index, "apply_force"]),
  building: ({ what }) => [[what, "enabled"]],
  not_built: ({ what }) => [[what, "script"]],
  autoapprove_started: (_, ruled) =>
    each(ruled, policiesOf(ruled), (index) => [
      "access_control",
      "policies",
      index,
      "apply_autoapprove",
    ]),
  indexing: () => [["indexer", "enabled"]],
  index_shown: () => [["indexer", "enabled"]],
  indexer_off: () => [["indexer", "enabled"]],
  not_indexed: () => [["indexer", "enabled"]],
  merge_conflict: (_, ruled) => requirement(ruled, "merge_conflicts", "enabled"),
  mergeability_unknown: (_, ruled) => requirement(ruled, "merge_conflicts"),
  draft: (_, ruled) => requirement(ruled, "require_ready_for_review_pr"),
  merge_first: (_, ruled) => requirement(ruled, "apply_after_merge"),
  not_approved: (_, ruled) => requirement(ruled, "approved"),
  gate_open: (_, ruled) => workflows(ruled),
  gate_unreadable: (_, ruled) => workflows(ruled),
  gates_unasked: () => [["hooks"]],
  reviews_open: (_, ruled) => requirement(ruled, "approved", "require_completed_reviews"),
  checks_not_passed: (_, ruled) => requirement(ruled, "status_checks"),
  no_requirement_matches: () => [["apply_requirements", "checks"]],
  nothing_affected: () => [["when_modified", "file_patterns"]],
  stacks_unapplied: ({ stack }) => [["stacks", "names", stack, "rules", "apply_after"]],
  autoapply_held: (_, ruled) => automatic(ruled),
  autoapply_left: (_, ruled) => automatic(ruled),
  autoapply_started: (_, ruled) => automatic(ruled),
  locks_taken: (_, ruled) => lockPolicies(ruled),
  locks_released: (_, ruled) => lockPolicies(ruled),
  locked: (_, ruled) => lockPolicies(ruled),
  others_first: (_, ruled) => lockPolicies(ruled),
  // Their places are kept with the dirspaces.
  autoplan_off: () => [],
  draft_not_planned: () => [],
  predecessors_unapplied: () => [],
};

/** Whether a rule of the configuration can be behind the reason. */
export function hasRule(code: ReasonCode): boolean {
  return FINDERS[code] !== undefined;
}

function pathsOf<C extends ReasonCode>(code: C, reason: Reason, ruled: Ruled): readonly Path[] {
  const find: Finder<C> | undefined = FINDERS[code];
  return find?.(reason as ReasonOf<C>, ruled) ?? [];
}

function placesOfStates(code: ReasonCode, states: readonly DirspaceState[]): readonly RulePlace[] {
  const found = new Map<string, RulePlace>();
  for (const { affected } of states) {
    const place = placeOfState(code, affected?.rules);
    if (place !== undefined) found.set(`${place.file}:${place.line}`, place);
    if (found.size === RULES_MAX) break;
  }
  return [...found.values()];
}

function placeOfState(
  code: ReasonCode,
  rules: NonNullable<DirspaceState["affected"]>["rules"],
): RulePlace | undefined {
  switch (code) {
    case "autoplan_off":
      return rules?.autoplan;
    case "draft_not_planned":
      return rules?.autoplanDraft;
    case "predecessors_unapplied":
      return rules?.dependsOn;
    case "autoapply_held":
    case "autoapply_left":
    case "autoapply_started":
      return rules?.autoapply;
    default:
      return undefined;
  }
}

const POLICY_KEYS: Readonly<Record<AccessOperation, string>> = {
  plan: "plan",
  apply: "apply",
  "apply-force": "apply_force",
  "apply-autoapprove": "apply_autoapprove",
};

const GUARD_KEYS = { config: "terrateam_config_update", ci: "ci_config_update" } as const;

function policiesOf({ config }: Ruled): readonly { readonly tagQuery: Query }[] {
  return config.accessControl.policies;
}

/** The requirement that counts for each dirspace; before any is known it is the first of all. */
function requirement(ruled: Ruled, ...keys: readonly string[]): readonly Path[] {
  const { checks } = ruled.config.applyRequirements;
  const path = (index: number): Path => ["apply_requirements", "checks", index, ...keys];
  return ruled.states.length === 0 ? [path(0)] : each(ruled, checks, path);
}

/** The entry of a first-match list that decides about each of the dirspaces, each entry once. */
function each(
  { states }: Ruled,
  entries: readonly { readonly tagQuery: Query }[],
  path: (index: number) => Path,
): readonly Path[] {
  const found = new Set<number>();
  for (const { affected, dirspace } of states) {
    const subject = { tags: new Set(affected?.tags ?? []), dir: dirspace.dir as string };
    found.add(entries.findIndex(({ tagQuery }) => matches(tagQuery, subject)));
  }
  return [...found].filter((index) => index >= 0).map(path);
}

function lockPolicies({ states }: Ruled): readonly Path[] {
  const indexes = new Set(states.flatMap(({ affected }) => affected?.workflow.index ?? []));
  return [...indexes].map((index) => ["workflows", index, "lock_policy"]);
}

/** Gates come from the steps of a workflow. */
function workflows({ states }: Ruled): readonly Path[] {
  const indexes = new Set(states.flatMap(({ affected }) => affected?.workflow.index ?? []));
  return [...indexes].map((index) => ["workflows", index]);
}

function automatic({ states }: Ruled): readonly Path[] {
  const names = new Set(
    states.flatMap(({ affected }) =>
      affected?.stack.autoApply === true ? [affected.stack.name] : [],
    ),
  );
  return [...names].map((name) => ["stacks", "names", name, "rules", "auto_apply"]);
}
