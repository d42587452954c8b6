import { count, truncateEnd } from "../base/text.ts";
import { VERBS } from "../core/command/verb.ts";
import type { Notice } from "../core/notice.ts";
import { code, inline } from "./escape.ts";
import type { Flavour } from "./flavour.ts";
import { type Explanation, explain } from "./reason-text.ts";
import { enumerate } from "./words.ts";

const REASONS_MAX = 6;
const SENTENCE_CHARS_MAX = 900;

const OUTCOME_WORDS: Readonly<Record<Notice["outcome"], string>> = {
  accepted: "was accepted",
  refused: "was refused",
  information: "",
};

/** The answer to the last command: who asked for what, and why it did or did not happen. */
export function notice(shown: Notice | undefined, flavour: Flavour): readonly string[] {
  if (shown === undefined) return [];
  const reasons = shown.reasons.slice(0, REASONS_MAX);
  const more = shown.reasons.length - reasons.length;
  const items = reasons.map((reason) => item(explain(reason), shown.outcome, flavour));
  if (more > 0) items.push(`- ${count(more, "more reason")}, shown in the dashboard.`);
  const isHelp = shown.reasons.some((reason) => reason.code === "help_shown");
  const { aside, stop = [] } = shown;
  // What nobody can plan for stands whatever was said since, and is said once.
  const unsaid = stop.filter(({ code: one }) => reasons.every((reason) => reason.code !== one));
  return [
    `**${title(shown)}**`,
    items.join("\n"),
    ...(isHelp ? [help()] : []),
    ...(aside === undefined ? [] : notice({ ...aside, outcome: "information" }, flavour)),
    ...(unsaid.length === 0 ? [] : notice(stopped(shown.at, unsaid), flavour)),
  ].filter((block) => block !== "");
}

function stopped(at: Notice["at"], reasons: Notice["reasons"]): Notice {
  return { at, command: undefined, actor: undefined, outcome: "refused", reasons };
}

function title(shown: Notice): string {
  const what = shown.command === undefined ? "An automatic step" : code(shown.command);
  const who = shown.actor === undefined ? "" : ` by ${code(shown.actor)}`;
  // An apply with a place in the queue is not lost, so nobody has to give it again.
  const isQueued = shown.reasons.some((reason) => reason.code === "queued");
  return `${what}${who} ${isQueued ? "waits" : OUTCOME_WORDS[shown.outcome]}`.trim();
}

function item(explanation: Explanation, outcome: Notice["outcome"], flavour: Flavour): string {
  const { title: heading, cause, next, rules, pullRequests = [] } = explanation;
  const mark = outcome === "refused" ? ` (${code(explanation.code)})` : "";
  const links = pullRequests.map((number) => `${flavour.numberSign}${number}`);
  return [
    `- **${inline(heading)}**${mark}: ${inline(fit(cause))}`,
    ...(links.length === 0 ? [] : [`See ${enumerate(links, 10)}.`]),
    ...(rules.length === 0 ? [] : [`Rule: ${rules.map((rule) => code(rule)).join(", ")}.`]),
    ...(next === undefined ? [] : [`Next: ${inline(fit(next))}`]),
  ].join(" ");
}

/** A cut may take the second of two backquotes away; then none is left. */
function fit(text: string): string {
  if (text.length <= SENTENCE_CHARS_MAX) return text;
  const cut = truncateEnd(text, SENTENCE_CHARS_MAX);
  return cut.split("`").length % 2 === 1 ? cut : `${cut}\``;
}

function help(): string {
  const lines = VERBS.map((verb) => `- ${code(`terrane ${verb.usage}`)}: ${inline(verb.does)}`);
  return lines.join("\n");
}
