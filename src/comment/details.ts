import { count } from "../base/text.ts";
import type { Failure, OutputValue, ResourceAction, ResourceChange } from "../core/run/report.ts";
import { code, escapeText, flatten, sanitize } from "./escape.ts";
import { elideMiddle, FENCE_CHARS_MAX, fairCap, fence, lastLines } from "./fence.ts";
import { signs } from "./headline.ts";
import { orderPlan, signsFirst } from "./plan-text.ts";
import { countsOf, inOrder, isUncounted } from "./standing.ts";
import { shownSteps, stepBlocks } from "./step-reports.ts";
import { summaryName } from "./table.ts";
import type { DirspaceReport } from "./view.ts";
import { enumerate, prose } from "./words.ts";

/** What one dirspace may take of the comment. */
export const DETAIL_CHARS_MAX = 6_000;
/** Below this a section says no more than its row in the table. */
const DETAIL_CHARS_MIN = 300;
export const TAIL_LINES_MAX = 40;
export const PLAN_LINES_MAX = 120;
const ACTIONS_MAX = 30;
const OUTPUT_LINES_MAX = 40;
const PLAN_ROOM_MIN = 800;
const CLOSE = "</details>";
/** Blank lines between up to six blocks. */
const GAPS = 12;

export interface Details {
  readonly sections: readonly string[];
  /** How many dirspaces have more to say than there was room for. */
  readonly omitted: number;
}

/**
 * The folded part of the comment, at most `room` characters together. Errors come first and whole;
 * what changes shares the rest evenly, so that one huge plan never hides thirty small ones.
 */
export function details(reports: readonly DirspaceReport[], room: number): Details {
  const ordered = inOrder(reports);
  const failed = ordered.filter((report) => failureOf(report) !== undefined);
  const changed = ordered.filter((report) => failureOf(report) === undefined && hasDetail(report));
  const sections: string[] = [];
  let left = room;
  for (const report of failed) {
    const section = failedSection(report);
    if (section.length + 2 > left) break;
    sections.push(section);
    left -= section.length + 2;
  }
  const fit = Math.max(0, Math.floor(left / DETAIL_CHARS_MIN));
  const candidates = sections.length === failed.length ? changed.slice(0, fit) : [];
  const plans = candidates.map(planOf);
  const whole = candidates.map((report, i) => changedSection(report, plans[i], DETAIL_CHARS_MAX));
  const wants = whole.map((section) => section.length + 2);
  for (const [index, report] of candidates.entries()) {
    const all = whole[index] ?? "";
    // Counted anew for each: a section that could not use its share leaves it to those after it.
    const cap = fairCap(wants.slice(index), left);
    const section = all.length + 2 <= cap ? all : changedSection(report, plans[index], cap - 2);
    if (section.length + 2 > left) break;
    sections.push(section);
    left -= section.length + 2;
  }
  return { sections, omitted: failed.length + changed.length - sections.length };
}

/** Only what failed, for the checks. */
export function failures(reports: readonly DirspaceReport[], room: number): Details {
  return details(
    reports.filter((report) => failureOf(report) !== undefined),
    room,
  );
}

function failureOf(report: DirspaceReport): Failure | undefined {
  const isFailed = report.phase === "plan_failed" || report.phase === "apply_failed";
  return isFailed || report.phase === "unknown" ? report.failure : undefined;
}

/** Whether there is more to say about it than one line. */
export function hasSection(report: DirspaceReport): boolean {
  return failureOf(report) !== undefined || hasDetail(report);
}

function hasDetail(report: DirspaceReport): boolean {
  const isPlanned = countsOf(report) !== undefined || isUncounted(report);
  if (!isPlanned && report.phase !== "applied") return false;
  if (shownSteps(report.steps ?? []).length > 0) return true;
  return report.changes.length > 0 || report.planText !== undefined || report.outputs.length > 0;
}

function failedSection(report: DirspaceReport): string {
  const failure = failureOf(report);
  if (failure === undefined) return "";
  const what = report.phase === "plan_failed" ? "plan failed" : "apply failed";
  const open = `<details open><summary>${summaryName(report)}: ${what}</summary>`;
  const how = failureText(failure);
  const room = DETAIL_CHARS_MAX - open.length - how.length - CLOSE.length - FENCE_CHARS_MAX - GAPS;
  const tail = lastLines(failure.tail, TAIL_LINES_MAX, room);
  return [open, how, ...(tail === "" ? [] : [fence(tail)]), CLOSE].join("\n\n");
}

function failureText({ step, message, exitCode, signal }: Failure): string {
  const how =
    signal !== null
      ? ` by ${code(signal, 40)}`
      : exitCode !== null
        ? ` with exit code ${exitCode}`
        : "";
  const text = prose(sanitize(message));
  return `Step ${code(step, 80)} ended${how}${text === "" ? "." : `: ${escapeText(text)}`}`;
}

/** Not where it is applied already: what happened then is in the list of actions. */
function planOf({ phase, planText }: DirspaceReport): string | undefined {
  return phase === "applied" || planText === undefined ? undefined : orderPlan(sanitize(planText));
}

function changedSection(report: DirspaceReport, plan: string | undefined, budget: number): string {
  const counts = countsOf(report);
  const numbers = counts === undefined ? "" : `: ${signs(counts)}`;
  const open = `<details><summary>${summaryName(report)}${numbers}${STATE[report.phase] ?? ""}</summary>`;
  let room = budget - open.length - CLOSE.length - GAPS;
  const blocks = [open];
  const add = (block: string | undefined): void => {
    if (block === undefined || block.length > room) return;
    blocks.push(block);
    room -= block.length + 2;
  };
  // With little room a list of actions says more than the first lines of a plan.
  add(actionList(report.changes, room < PLAN_ROOM_MIN ? room : Math.floor(room / 2)));
  for (const block of stepBlocks(shownSteps(report.steps ?? []), Math.floor(room / 2))) add(block);
  add(outputBlock(report.outputs, room));
  add(planBlock(plan, room));
  return [...blocks, CLOSE].join("\n\n");
}

const STATE: Readonly<Partial<Record<DirspaceReport["phase"], string>>> = {
  applying: ", applying",
  applied: ", applied",
  unknown: ", apply in doubt",
  apply_failed: ", apply failed",
};

/** Destroying comes first, reading is not worth a line. */
const ACTION_ORDER: readonly ResourceAction[] = [
  "delete",
  "replace",
  "update",
  "create",
  "import",
  "move",
  "forget",
];

function actionList(changes: readonly ResourceChange[], charsMax: number): string | undefined {
  const listed = changes
    .filter((change) => change.action !== "read")
    .toSorted((a, b) => ACTION_ORDER.indexOf(a.action) - ACTION_ORDER.indexOf(b.action));
  const lines: string[] = [];
  let chars = "- and 99999 more".length;
  for (const change of listed.slice(0, ACTIONS_MAX)) {
    const line = actionLine(change);
    if (chars + line.length + 1 > charsMax) break;
    lines.push(line);
    chars += line.length + 1;
  }
  const more = listed.length - lines.length;
  if (listed.length === 0 || lines.length === 0) return undefined;
  return [...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n");
}

function actionLine({ address, action, replacePaths }: ResourceChange): string {
  const verb = action === "delete" ? "destroy" : action;
  const paths = replacePaths.map((path) => code(path, 80));
  const because =
    action === "replace" && paths.length > 0 ? `, because of ${enumerate(paths, 3)}` : "";
  return `- ${verb} ${code(address)}${because}`;
}

function planBlock(plan: string | undefined, room: number): string | undefined {
  if (plan === undefined || room < FENCE_CHARS_MAX + 100) return undefined;
  const shown = elideMiddle(plan, PLAN_LINES_MAX, room - FENCE_CHARS_MAX);
  return shown === "" ? undefined : fence(signsFirst(shown), "diff");
}

/** Values as the tool prints them; what is marked sensitive is never shown, whatever came with it. */
function outputBlock(outputs: readonly OutputValue[], room: number): string | undefined {
  if (outputs.length === 0 || room < FENCE_CHARS_MAX + 100) return undefined;
  const lines = outputs.map(({ name, sensitive, value }) => {
    const shown = sensitive || value === null ? "(sensitive)" : flatten(value);
    return `${flatten(name)} = ${shown}`;
  });
  const text = elideMiddle(lines.join("\n"), OUTPUT_LINES_MAX, Math.floor(room - FENCE_CHARS_MAX));
  return `${count(outputs.length, "output")}:\n\n${fence(text)}`;
}
