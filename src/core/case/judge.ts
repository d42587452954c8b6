import type { Affected } from "../change/affected.ts";
import { DEFAULT_WORKSPACE, type Dirspace } from "../change/dirspace.ts";
import { completeConfig } from "../config/complete.ts";
import { mayStart } from "../config/may-start.ts";
import { parseConfig } from "../config/parse.ts";
import type { Decision } from "../decision.ts";
import type { Snapshot } from "../snapshot.ts";
import type { CaseFile, Given, Outcome, Verb, Verdict } from "./case.ts";
import {
  account,
  emptySnapshot,
  happens,
  inState,
  locked,
  planned,
  type Repository,
  type World,
  worldOf,
} from "./world.ts";

const NOTHING = {
  affected: [],
  order: [],
  workflow: {},
  tags: {},
  stack: {},
  autoplan: [],
  drift: [],
} as const;

/** What the configuration does with the pull request of a case, as the server would decide. */
export function judge(
  repository: Repository,
  file: CaseFile,
  given: Given,
  verbs: readonly Verb[],
): Outcome {
  const { raw, diagnostics } = parseConfig(repository.config, "config.yml");
  if (raw === undefined) {
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    const invalid = [...new Set(errors.map(({ code }) => code))].sort();
    return { ...NOTHING, ...each(verbs, () => ({ refused: ["config_invalid"] })), invalid };
  }
  const world = worldOf(repository, file, given);
  // What was merged was open before: that is when its change set was made.
  const opened = happens(world, emptySnapshot(), CHANGED);
  const later = given.state === "open" ? world : inState(world, given.state);
  const now =
    given.state === "open"
      ? opened
      : happens(
          later,
          given.state === "merged" ? planned(opened.snapshot) : opened.snapshot,
          CHANGED,
        );
  const affected = affectedOf(opened.snapshot);
  return {
    ...describe(affected),
    autoplan: plannedBy(now.decision),
    ...each(verbs, (verb) => verdict(later, STATE_FOR[verb](now.snapshot), verb)),
    drift: given.time === undefined ? [] : dueAt(raw, given.time),
    invalid: invalidOf(now.decision),
  };
}

/** What a command is tried on: nothing keeps it from being carried out but the rules. */
const STATE_FOR: Readonly<Record<Verb, (snapshot: Snapshot) => Snapshot>> = {
  plan: settled,
  apply: planned,
  unlock: (snapshot) => locked(settled(snapshot)),
};

function each(verbs: readonly Verb[], judged: (verb: Verb) => Verdict): Partial<Outcome> {
  return Object.fromEntries(verbs.map((verb) => [verb, judged(verb)]));
}

const CHANGED = { kind: "pull_request_changed", hint: "case" } as const;

/** `dir`, or `dir:workspace` where the workspace is not the default one. */
export function nameOf({ dir, workspace }: Dirspace): string {
  return workspace === DEFAULT_WORKSPACE ? dir : `${dir}:${workspace}`;
}

function affectedOf(snapshot: Snapshot): readonly Affected[] {
  return snapshot.dirspaces.flatMap((state) => state.affected ?? []);
}

function describe(affected: readonly Affected[]) {
  const names = affected.map((one) => [nameOf(one.dirspace), one] as const);
  const waves: string[][] = [];
  for (const [name, { wave }] of names) (waves[wave] ??= []).push(name);
  const byName = <Value>(value: (one: Affected) => Value): Readonly<Record<string, Value>> =>
    Object.fromEntries(names.map(([name, one]) => [name, value(one)]));
  return {
    affected: names.map(([name]) => name).sort(),
    order: waves.map((wave) => (wave ?? []).sort()),
    workflow: byName((one) => one.workflow.index ?? ("default" as const)),
    tags: byName((one) => one.tags),
    stack: byName((one) => one.stack.name),
  };
}

/** The run that was started for the change has ended without a plan of anything. */
function settled(snapshot: Snapshot): Snapshot {
  const runs = snapshot.runs.map((run) => ({ ...run, state: "ended" as const }));
  const dirspaces = snapshot.dirspaces.map((state) => ({ ...state, plan: undefined }));
  return { ...snapshot, runs, dirspaces };
}

function plannedBy({ writes }: Decision): readonly string[] {
  return writes
    .flatMap((write) =>
      write.kind === "create_run" && write.run.kind === "plan" ? write.run.units : [],
    )
    .map((unit) => nameOf(unit.affected.dirspace))
    .sort();
}

function verdict(world: World, snapshot: Snapshot, verb: Verb): Verdict {
  const { decision } = happens(world, snapshot, {
    kind: "commented",
    commentId: "case",
    author: account(world.given.actor),
    body: `terrane ${verb}`,
  });
  const notice = decision.writes.findLast((write) => write.kind === "set_notice")?.notice;
  if (notice?.outcome === "accepted") return "allowed";
  // A command that finds nothing to do is no more carried out than one that is refused.
  const codes = new Set((notice?.reasons ?? decision.reasons).map(({ code }) => code));
  return { refused: [...codes].sort() };
}

function invalidOf({ reasons }: Decision): readonly string[] {
  return reasons.flatMap((reason) => {
    if (reason.code === "same_directory") return [reason.code];
    return reason.code === "graph_invalid" ? (reason.codes ?? [reason.code]) : [];
  });
}

function dueAt(raw: Parameters<typeof completeConfig>[0], time: number): readonly string[] {
  const { drift } = completeConfig(raw);
  if (!drift.enabled) return [];
  return drift.schedules.filter((one) => mayStart(one, time)).map(({ name }) => name);
}
