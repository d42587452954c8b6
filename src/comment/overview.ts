import type { JobWait } from "../core/schedule/wait.ts";
import { capWords } from "./cap-words.ts";
import { code } from "./escape.ts";
import { totals } from "./headline.ts";
import type { ActiveRun, CommentView } from "./view.ts";
import { NAME_CHARS_MAX, pullRequests, shortSha, utc } from "./words.ts";

const RUNS_MAX = 5;

/** Counted actions, and what all of it is about: commit, base, time, where to read more. */
export function facts(view: CommentView): readonly string[] {
  const sums = totals(view);
  const parts = [
    `Commit ${code(shortSha(view.headSha))}`,
    `base ${code(view.baseRef, NAME_CHARS_MAX)}`,
    `updated ${utc(view.generatedAt)}`,
    ...dashboardLink(view.dashboardUrl, "dashboard"),
  ];
  return [...(sums === undefined ? [] : [sums]), parts.join(" · "), ...running(view.runs)];
}

/** An address that needs no escaping is the only one that is linked. */
export function dashboardLink(url: string | undefined, text: string): readonly string[] {
  return url !== undefined && /^https?:\/\/[^\s<>()\\`"]{1,500}$/.test(url)
    ? [`[${text}](${url})`]
    : [];
}

function running(runs: readonly ActiveRun[]): readonly string[] {
  if (runs.length === 0) return [];
  const shown = runs
    .toSorted((a, b) => a.number - b.number)
    .slice(0, RUNS_MAX)
    .map(
      ({ kind, number, state, standing, reads, wait, startedAt }) =>
        `${reads ? "reading the code in " : ""}${kind} run ${number}, ${RUN_WORDS[standing ?? state]}${waitWords(wait)}${startedAt === undefined ? "" : ` since ${utc(startedAt)}`}`,
    );
  const more = runs.length - shown.length;
  return [`**Running:** ${[...shown, ...(more > 0 ? [`${more} more`] : [])].join(" · ")}`];
}

/** The position is the one when this was written; the dashboard has the present one. */
function waitWords(wait: JobWait | undefined): string {
  if (wait === undefined) return "";
  if (wait.applyOf !== undefined) return `: waits for the apply of ${pullRequests([wait.applyOf])}`;
  const full = wait.caps.map(capWords).join(", ");
  return `: position ${wait.position}, waits for a free CI job (${full || `${wait.running} of the repository running`})`;
}

const RUN_WORDS: Readonly<Record<ActiveRun["state"] | NonNullable<ActiveRun["standing"]>, string>> =
  {
    queued: "queued",
    dispatched: "waiting for a CI job",
    running: "running",
    cancelling: "was asked to stop and has not ended, running",
    unknown: "contact lost while it applied, running",
  };
