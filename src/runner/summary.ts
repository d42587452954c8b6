import { count } from "../base/text.ts";
import type { Failure, UnitResult, WorkItem } from "../contract/work.ts";
import type { Reported } from "./hooks.ts";

/** A CI service takes a mebibyte of a step; this leaves room for whatever else the step says. */
const SUMMARY_CHARS_MAX = 500_000;
const TAIL_CHARS_MAX = 4_000;

/** What the job came to, as Markdown for the job's own page. All of it is masked already. */
export function jobSummary(
  work: Pick<WorkItem, "kind" | "dashboardUrl">,
  results: readonly Reported[],
  failure: Failure | undefined,
): string {
  const title = `### ${work.kind === "apply" ? "Apply" : "Plan"} of ${count(results.length, "dirspace")}`;
  const blocks = [
    title,
    ...(failure === undefined ? [] : [failed("The job", failure)]),
    ...(results.length === 0 ? [] : [table(results)]),
    ...results.flatMap(({ unit, result }) =>
      result.outcome === "failed" ? [failed(`${unit.dir} ${unit.workspace}`, result.failure)] : [],
    ),
  ];
  const page = work.dashboardUrl === null ? [] : [`[Everything about it](${work.dashboardUrl})`];
  let left = SUMMARY_CHARS_MAX - (page[0]?.length ?? 0);
  const shown = blocks.filter((block) => {
    left -= block.length + 2;
    return left > 0;
  });
  return `${[...shown, ...page].join("\n\n")}\n`;
}

function table(results: readonly Reported[]): string {
  const rows = results.map(({ unit, result }) => {
    const cells = [cell(unit.dir), cell(unit.workspace), cell(outcome(result)), ...counts(result)];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    "| directory | workspace | outcome | + | ~ | ± | − |",
    "| --- | --- | --- | ---: | ---: | ---: | ---: |",
    ...rows,
  ].join("\n");
}

function outcome(result: UnitResult): string {
  switch (result.outcome) {
    case "planned":
      return result.changed ? "planned" : "no changes";
    case "applied":
      return "applied";
    case "failed":
      return "failed";
    case "waiting":
      return `waits for ${result.for.map(({ dir }) => dir).join(", ")}`;
    case "not_started":
      return `not started: ${result.because}`;
  }
}

function counts(result: UnitResult): readonly string[] {
  const found = result.outcome === "planned" ? result.counts : null;
  if (found == null) return ["", "", "", ""];
  return [found.create, found.update, found.replace, found.delete].map(String);
}

function failed(what: string, { message, tail }: Failure): string {
  const last = tail.length > TAIL_CHARS_MAX ? `…${tail.slice(-TAIL_CHARS_MAX)}` : tail;
  const text = last.trim() === "" ? "" : `\n\n<pre>${html(last).replaceAll("\n", "&#10;")}</pre>`;
  return `**${html(what)}**: ${cell(message)}${text}`;
}

/** One line that is text and nothing else, in a table as well. */
function cell(text: string): string {
  return html(text.replaceAll(/\s+/g, " "));
}

const MARKS = /[&<>|\\`*_[\]#@~!$()]/g;

/** Names and messages come from the change: none of them is a link, a mention or a picture. */
function html(text: string): string {
  return text.replaceAll(MARKS, (mark) => `&#${mark.charCodeAt(0)};`);
}
