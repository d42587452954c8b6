import { count } from "../base/text.ts";
import { unreachable } from "../base/unreachable.ts";
import type { Phase } from "../core/phase.ts";
import { cell, code, htmlCode, inline } from "./escape.ts";
import type { Flavour } from "./flavour.ts";
import { staleText } from "./reason/blocked.ts";
import { countsOf, inOrder, isUncounted } from "./standing.ts";
import type { CommentView, DirspaceReport } from "./view.ts";
import { dirspaceName, enumerate } from "./words.ts";

export const ROWS_MAX = 50;
export const TABLE_CHARS_MAX = 8_000;
const NAME_CHARS_MAX = 64;
const UNCHANGED_CHARS_MAX = 2_000;

/** One row for each dirspace that has something to say; the rest is counted. */
export function table(
  view: Pick<CommentView, "dirspaces" | "number">,
  flavour: Flavour,
): readonly string[] {
  const reports = inOrder(view.dirspaces).filter((report) => report.phase !== "unchanged");
  if (reports.length === 0) return [];
  const rows = ["| Dirspace | + | ~ | ± | − | Status |", "|---|--:|--:|--:|--:|---|"];
  let chars = rows.join("\n").length;
  let shown = 0;
  for (const report of reports.slice(0, ROWS_MAX)) {
    const text = row(report, view.number, flavour);
    if (chars + text.length + 1 > TABLE_CHARS_MAX) break;
    rows.push(text);
    chars += text.length + 1;
    shown += 1;
  }
  const rest = restText(reports.slice(shown));
  return rest === undefined ? [rows.join("\n")] : [rows.join("\n"), rest];
}

/** The dirspaces without changes, folded. */
export function unchangedList(view: Pick<CommentView, "dirspaces">): readonly string[] {
  const reports = inOrder(view.dirspaces).filter((report) => report.phase === "unchanged");
  if (reports.length === 0) return [];
  const listed: string[] = [];
  let chars = 0;
  for (const report of reports) {
    const name = nameOf(report);
    chars += name.length + 2;
    if (chars > UNCHANGED_CHARS_MAX) break;
    listed.push(name);
  }
  const more = reports.length - listed.length;
  const list = [...listed, ...(more > 0 ? [`${more} more`] : [])].join(", ");
  return [`<details><summary>${reports.length} unchanged</summary>`, list, "</details>"];
}

/** A dirspace in a `<summary>`. */
export function summaryName(report: DirspaceReport): string {
  return htmlCode(dirspaceName(`${report.dir}:${report.workspace}`), NAME_CHARS_MAX * 2);
}

function row(report: DirspaceReport, number: number, flavour: Flavour): string {
  const counts = countsOf(report);
  const numbers =
    counts === undefined
      ? Array<string>(4).fill(isUncounted(report) ? "?" : "")
      : [counts.create, counts.update, counts.replace, counts.delete];
  const cells = [nameOf(report), ...numbers, statusText(report, number, flavour)];
  return `| ${cells.map((content) => cell(String(content))).join(" | ")} |`;
}

function nameOf(report: DirspaceReport): string {
  return code(dirspaceName(`${report.dir}:${report.workspace}`), NAME_CHARS_MAX);
}

function statusText(report: DirspaceReport, number: number, flavour: Flavour): string {
  const others = report.locks.filter((lock) => lock.pullRequest !== number);
  const owners = [...new Set(others.map((lock) => lock.pullRequest))].toSorted((a, b) => a - b);
  const locked =
    owners.length === 0
      ? ""
      : `, locked by ${enumerate(
          owners.map((owner) => `${flavour.numberSign}${owner}`),
          3,
        )}`;
  return `${phaseText(report)}${locked}`;
}

/** Where a dirspace stands, in words; never by a sign or a colour alone. */
export function phaseText(report: DirspaceReport): string {
  switch (report.phase) {
    case "waiting": {
      const names = report.waitingFor.map((key) => code(dirspaceName(key), NAME_CHARS_MAX));
      return names.length === 0 ? "waiting" : `waits for ${enumerate(names, 2)}`;
    }
    case "stale": {
      const because = report.staleBecause;
      return because === undefined ? "plan again" : `plan again: ${inline(staleText(because))}`;
    }
    default:
      return PHASE_WORDS[report.phase];
  }
}

const PHASE_WORDS: Readonly<Record<Exclude<Phase, "waiting" | "stale">, string>> = {
  unplanned: "not planned",
  planning: "planning",
  planned: "to apply",
  unchanged: "no changes",
  plan_failed: "**plan failed**",
  applying: "applying",
  unknown: "**apply in doubt**",
  applied: "applied",
  apply_failed: "**apply failed**",
};

type Rest = "failed" | "in doubt" | "with changes" | "planning" | "waiting" | "not planned";

function restOf(phase: Phase): Rest {
  switch (phase) {
    case "apply_failed":
    case "plan_failed":
      return "failed";
    case "unknown":
      return "in doubt";
    case "applying":
    case "stale":
    case "planned":
    case "applied":
    case "unchanged":
      return "with changes";
    case "planning":
      return "planning";
    case "waiting":
      return "waiting";
    case "unplanned":
      return "not planned";
    default:
      return unreachable(phase);
  }
}

function restText(reports: readonly DirspaceReport[]): string | undefined {
  if (reports.length === 0) return undefined;
  const counts = new Map<Rest, number>();
  for (const { phase } of reports) counts.set(restOf(phase), (counts.get(restOf(phase)) ?? 0) + 1);
  const parts = [...counts].map(([words, n]) => `${n} ${words}`);
  return `… and ${count(reports.length, "more dirspace")}: ${parts.join(", ")}.`;
}
