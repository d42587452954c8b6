import { count } from "../../base/text.ts";
import { unreachable } from "../../base/unreachable.ts";
import type { ChangeCounts, Failure, UnitResult, WorkDirspace } from "../../contract/work.ts";
import { type Dirspace, dirspaceKey, shortName } from "../../core/change/dirspace.ts";
import type { Host } from "../host.ts";
import { paint, plain, table } from "../print.ts";

/** Where one dirspace stands after the work. */
export interface Standing {
  readonly dirspace: Dirspace;
  readonly result: UnitResult;
  readonly durationMs: number;
  /** Of an apply: what its plan was going to change. */
  readonly plan?: Planned;
}

type Planned = Extract<UnitResult, { outcome: "planned" }>;
type State = "failed" | "planned" | "applied" | "waiting" | "not_started" | "unchanged";

/** What needs eyes comes first. */
const STATES: readonly (readonly [State, string])[] = [
  ["failed", "failed"],
  ["planned", "to apply"],
  ["applied", "applied"],
  ["waiting", "waiting"],
  ["not_started", "not started"],
  ["unchanged", "unchanged"],
];

/** As much of a tool's last words as the comment of a pull request shows. */
const TAIL_LINES_MAX = 40;

export function stateOf({ result }: Pick<Standing, "result">): State {
  switch (result.outcome) {
    case "planned":
      return result.changed ? "planned" : "unchanged";
    case "applied":
    case "failed":
    case "waiting":
    case "not_started":
      return result.outcome;
    default:
      return unreachable(result);
  }
}

/** What the comment of a pull request would say about the same results. */
export function printSummary(
  host: Host,
  kind: "plan" | "apply",
  standings: readonly Standing[],
  failure: Failure | undefined,
): void {
  const all = inOrder(standings);
  host.out(paint(host, "bold", headline(kind, all, failure)));
  const sums = totals(all);
  if (sums !== "") host.out(sums);
  if (failure !== undefined) printFailure(host, "The job", failure);
  if (all.length > 0) {
    host.out("");
    host.out(table(["dirspace", "+", "~", "±", "−", "status"], all.map(row)));
  }
  for (const one of all) printDetails(host, one);
}

/** The documented shape: keys are added to it, never changed or taken away. */
export function summaryJson(
  kind: "plan" | "apply",
  standings: readonly Standing[],
  failure: Failure | undefined,
): object {
  return {
    kind,
    dirspaces: inOrder(standings).map(({ dirspace, result, durationMs, plan }) => ({
      dir: dirspace.dir,
      workspace: dirspace.workspace,
      state: stateOf({ result }),
      counts: countsOf({ result, ...(plan && { plan }) }) ?? null,
      durationMs,
      result,
    })),
    failure: failure ?? null,
  };
}

function headline(
  kind: "plan" | "apply",
  all: readonly Standing[],
  failure: Failure | undefined,
): string {
  const numbers = STATES.map(([state, words]) => {
    const n = all.filter((one) => stateOf(one) === state).length;
    return { state, n, text: `${n} ${words}` };
  }).filter(({ n }) => n > 0);
  const has = (state: State) => numbers.some((one) => one.state === state);
  const verdict = () => {
    if (has("failed") || failure !== undefined) {
      return kind === "plan" ? "Plan failed" : "Apply failed";
    }
    if (all.length === 0) return "Nothing to plan";
    if (has("applied")) return has("not_started") ? "Partly applied" : "Applied";
    if (has("not_started")) return kind === "plan" ? "Not planned" : "Not applied";
    return has("planned") ? "Planned" : "No changes";
  };
  const parts = all.length === 0 ? [] : [count(all.length, "dirspace")];
  return [verdict(), ...parts, ...numbers.map(({ text }) => text)].join(" · ");
}

const ACTIONS = [
  ["create", "+", "create"],
  ["update", "~", "update"],
  ["replace", "±", "replace"],
  ["delete", "−", "destroy"],
] as const satisfies readonly (readonly [keyof ChangeCounts, string, string])[];

function totals(all: readonly Standing[]): string {
  const counted = all.flatMap((one) => countsOf(one) ?? []);
  if (counted.length === 0) return "";
  const sum = (action: keyof ChangeCounts) => counted.reduce((n, one) => n + one[action], 0);
  const rare = (["import", "move", "forget"] as const).filter((action) => sum(action) > 0);
  return [
    ...ACTIONS.map(([action, sign, word]) => `${sign}${sum(action)} ${word}`),
    ...rare.map((action) => `${sum(action)} ${action}`),
    ...(sum("outputs") > 0 ? [`${count(sum("outputs"), "output")} changed`] : []),
  ].join(" · ");
}

function countsOf({ result, plan }: Pick<Standing, "result" | "plan">): ChangeCounts | undefined {
  const planned = result.outcome === "planned" ? result : plan;
  return planned?.changed === true ? planned.counts : undefined;
}

function row(one: Standing): readonly string[] {
  const counts = countsOf(one);
  const numbers = ACTIONS.map(([action]) => (counts === undefined ? "" : String(counts[action])));
  return [plain(shortName(one.dirspace)), ...numbers, plain(statusText(one))];
}

function statusText({ result }: Standing): string {
  switch (result.outcome) {
    case "planned":
      if ((result.gates ?? []).length > 0)
        return "asks for an approval: apply it by a pull request";
      return result.changed ? "to apply" : "no changes";
    case "applied":
      return "applied";
    case "failed":
      return `failed in step ${result.failure.step}`;
    case "waiting":
      return `waits for ${result.for.map(nameOf).join(", ")}`;
    case "not_started":
      return `not started: ${result.because}`;
    default:
      return unreachable(result);
  }
}

function nameOf({ dir, workspace }: WorkDirspace): string {
  return workspace === "default" ? dir : `${dir} (${workspace})`;
}

function printDetails(host: Host, one: Standing): void {
  const { result } = one;
  const title = plain(shortName(one.dirspace));
  if (result.outcome === "failed") return printFailure(host, title, result.failure);
  const shown = result.outcome === "applied" || (result.outcome === "planned" && result.changed);
  const gates = result.outcome === "planned" ? (result.gates ?? []) : [];
  if (!shown || (result.text === "" && gates.length === 0)) return;
  host.out(`\n${paint(host, "bold", title)}`);
  for (const gate of gates) {
    host.out(`  An approval is asked for: ${plain(gate.name ?? gate.token ?? "without a name")}.`);
  }
  if (result.text !== "") host.out(plain(result.text));
}

function printFailure(host: Host, title: string, failure: Failure): void {
  const { step, message, tail } = failure;
  host.out(`\n${paint(host, "bold", title)}`);
  host.out(`${paint(host, "red", `Step ${step}:`)} ${plain(message)}`);
  const lines = tail.trimEnd().split("\n").slice(-TAIL_LINES_MAX);
  if (tail.trim() !== "") host.out(plain(lines.map((line) => `  ${line}`).join("\n")));
}

function inOrder(standings: readonly Standing[]): readonly Standing[] {
  const rank = (one: Standing) => STATES.findIndex(([state]) => state === stateOf(one));
  const key = ({ dirspace }: Standing) => dirspaceKey(dirspace);
  return standings.toSorted((a, b) => rank(a) - rank(b) || (key(a) < key(b) ? -1 : 1));
}
