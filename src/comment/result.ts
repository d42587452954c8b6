import { truncateEnd } from "../base/text.ts";
import type { RunOutcome } from "../core/run/run.ts";
import { details, hasSection } from "./details.ts";
import { code, escapeText, sanitize } from "./escape.ts";
import type { Flavour } from "./flavour.ts";
import { HEADLINE_CHARS_MAX, tallies, totals } from "./headline.ts";
import { dashboardLink } from "./overview.ts";
import type { ResultReport, ResultView } from "./result-view.ts";
import {
  COMMENT_CHARS_MAX,
  charsOf,
  DETAILS,
  keepFitting,
  OMITTED_CHARS_MAX,
  omittedText,
  type Section,
  text,
} from "./sections.ts";
import { inOrder } from "./standing.ts";
import { phaseText, table, unchangedList } from "./table.ts";
import { dirspaceName, enumerate, NAME_CHARS_MAX, prose, shortSha, utc } from "./words.ts";

const LINES_MAX = 20;
const NAMES_MAX = 20;

/**
 * What one run found out, as a comment of its own. It says what was, so the same view gives the same text for ever; its
 * length is bounded as that of the one comment is.
 */
export function renderResult(view: ResultView, flavour: Flavour): string {
  const limit = Math.min(flavour.commentCharsMax, COMMENT_CHARS_MAX);
  const fixed = keepFitting(sections(view, flavour), limit);
  const room = limit - charsOf(fixed) - OMITTED_CHARS_MAX;
  const own = details(view.own, room);
  const left = room - charsIn(own.sections);
  const head = carriedHead(view.carried);
  const carried = details(view.carried, left - charsIn(head));
  const shown = [
    ...own.sections,
    ...(charsIn(head) > left ? [] : head),
    ...carried.sections,
    ...omittedText(own.omitted + carried.omitted, view.dashboardUrl),
  ];
  const blocks = fixed.flatMap(({ place, blocks: all }) => (place === "details" ? shown : all));
  // Only a limit too small for the first line gets here.
  return truncateEnd(blocks.join("\n\n"), limit);
}

function sections(view: ResultView, flavour: Flavour): readonly Section[] {
  const { own, carried, number } = view;
  const all = { number, dirspaces: [...own, ...carried] };
  const sums = view.summary ? totals(all) : undefined;
  return [
    text(0, [`### ${headline(view)}`]),
    text(5, [...(sums === undefined ? [] : [sums]), ...(view.summary ? table(all, flavour) : [])]),
    text(3, [facts(view)]),
    text(2, lines(own.filter(({ phase }) => phase !== "unchanged"))),
    text(7, unchangedList({ dirspaces: own })),
    DETAILS,
  ];
}

function headline({ run, own }: ResultView): string {
  const name = run.kind === "plan" ? "Plan" : "Apply";
  const first = `${name} run ${run.number}${OUTCOMES[run.outcome]}`;
  return truncateEnd([first, ...tallies({ dirspaces: own })].join(" · "), HEADLINE_CHARS_MAX);
}

/** Where every dirspace says how it went, the run needs no word of its own. */
const OUTCOMES: Readonly<Record<RunOutcome, string>> = {
  finished: "",
  failed: "",
  cancelled: ", cancelled",
  superseded: ", overtaken by a newer commit",
  lost: ", lost",
};

function facts({ run, dashboardUrl }: ResultView): string {
  return [
    `Commit ${code(shortSha(run.headSha))}`,
    `ended ${utc(run.endedAt)}`,
    ...dashboardLink(dashboardUrl, "dashboard"),
  ].join(" · ");
}

/** Those of which one line says it all, together where it is the same line. */
function lines(reports: readonly ResultReport[]): readonly string[] {
  const named = new Map<string, string[]>();
  for (const report of inOrder(reports) as readonly ResultReport[]) {
    if (hasSection(report) && report.notStarted === undefined) continue;
    const status = statusOf(report);
    named.set(status, [...(named.get(status) ?? []), nameOf(report)]);
  }
  return list([...named].map(([status, names]) => `${enumerate(names, NAMES_MAX)}: ${status}`));
}

/** What has a section of its own below needs no line. */
function carriedHead(carried: readonly ResultReport[]): readonly string[] {
  if (carried.length === 0) return [];
  const brief = inOrder(carried.filter((report) => !hasSection(report)));
  const items = (brief as readonly ResultReport[]).map(
    (report) => `${nameOf(report)}: ${statusOf(report)} (run ${report.run})`,
  );
  return ["**Still so since earlier runs**", ...list(items)];
}

function list(items: readonly string[]): readonly string[] {
  if (items.length === 0) return [];
  const more = items.length - LINES_MAX;
  const shown = more > 0 ? [...items.slice(0, LINES_MAX), `and ${more} more`] : items;
  return [shown.map((item) => `- ${item}`).join("\n")];
}

function statusOf(report: ResultReport): string {
  const { notStarted } = report;
  if (notStarted === undefined) return phaseText(report);
  const because = escapeText(prose(sanitize(notStarted)));
  return `not started${because === "" ? "" : `, ${because}`}`;
}

function nameOf({ dir, workspace }: ResultReport): string {
  return code(dirspaceName(`${dir}:${workspace}`), NAME_CHARS_MAX);
}

function charsIn(blocks: readonly string[]): number {
  return blocks.reduce((sum, block) => sum + block.length + 2, 0);
}
