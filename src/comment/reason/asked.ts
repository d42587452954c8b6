import { count } from "../../base/text.ts";
import type { ReasonCode } from "../../core/reason.ts";
import { enumerate, literal, literals, sentence, shortSha } from "../words.ts";
import type { ReasonOf, ReasonText, RefusalText, Texts } from "./text.ts";

export type AskedDoneCode = Extract<
  ReasonCode,
  "index_shown" | "feedback_heard" | "help_shown" | "config_shown"
>;
export type AskedRefusal = Extract<
  ReasonCode,
  "indexer_off" | "feedback_usage" | "foreign_command"
>;

/** Answers to commands that change nothing. */
export const ASKED_DONE: Texts<AskedDoneCode, ReasonText> = {
  config_shown: ({ files }) => ({
    title: "Configuration",
    cause:
      files.length === 0
        ? "No file says anything, so all of it is the default."
        : `It comes from ${literals(files)}; what nobody wrote is the default.`,
  }),
  help_shown: () => ({ title: "Help", cause: "These are the commands." }),
  index_shown: (found) => ({ title: "What the code refers to", cause: indexText(found) }),
  feedback_heard: ({ login, message }) => ({
    title: "Feedback",
    cause: `${literal(login)} told those who run the server: ${sentence(message)}`,
  }),
};

export const ASKED_REFUSED: Texts<AskedRefusal, RefusalText> = {
  indexer_off: () => ({
    title: "The code is not read",
    cause: "The configuration does not enable `indexer`, so no job reads what the code refers to.",
    next: "Write `indexer: {enabled: true}` into the configuration.",
  }),
  feedback_usage: () => ({
    title: "Feedback without words",
    cause: "`feedback` takes a message, on the same line.",
    next: "For example `terrane feedback the plan of prod takes too long to find`.",
  }),
  foreign_command: (reason) => ({
    title: "No such words here",
    ...UNTRANSLATED[reason.why](reason),
  }),
};

type Foreign = ReasonOf<"foreign_command">;

/** What has no equal here, and what does it instead. */
const UNTRANSLATED: {
  readonly [W in Foreign["why"]]: (reason: Foreign) => Omit<RefusalText, "title">;
} = {
  flag: ({ word, command }) => ({
    cause: `There is no flag ${literal(word)}.`,
    next: `Comment ${ours(command)}, without it.`,
  }),
  argument: ({ word, command }) => ({
    cause: `Nothing is done with ${literal(word)}.`,
    next: `Comment ${ours(command)}.`,
  }),
  value: ({ word, command }) => ({
    cause: `${literal(word)} needs one value, and stands once.`,
    next: `Comment it with its value, or ${ours(command)}.`,
  }),
  quotes: ({ command }) => ({
    cause: "A quote is opened and not closed.",
    next: `Close it, or comment ${ours(command)}.`,
  }),
  project_and_place: ({ word, command }) => ({
    cause: `${literal(word)} names a project, which has its directory and its workspace.`,
    next: `Comment ${ours(command)}, or name directory and workspace alone.`,
  }),
  extra_arguments: ({ word, command }) => ({
    cause: `Nothing of a comment is passed on to the engine, so ${literal(word)} is not.`,
    next: `Write it as \`extra_args\` of a step into the workflow, then comment ${ours(command)}.`,
  }),
  merging: ({ word, command }) => ({
    cause: `What becomes of the pull request after the apply is not said by a comment, so ${literal(word)} is not heard.`,
    next: `Set \`automerge\` in the configuration, then comment ${ours(command)}.`,
  }),
  policies: ({ command }) => ({
    cause: "What a policy stopped is approved by the token of its gate.",
    next: `Comment ${ours(command)}; tokens stand beside the gates in this comment.`,
  }),
  state: ({ word, command }) => ({
    cause: `${literal(word)} would change the state past the review.`,
    next: `Write an \`import\` or a \`removed\` block into the code, push it, and read what ${ours(command)} says.`,
  }),
  version: ({ command }) => ({
    cause:
      "Which version of an engine is used is said by the configuration and by the output of each plan.",
    next: `Comment ${ours(command)}.`,
  }),
};

function ours(command: string): string {
  return literal(`terrane ${command}`);
}

const DIRS_SHOWN_MAX = 5;

function indexText(found: ReasonOf<"index_shown">): string {
  const { head, referring, referringOmitted, links, problems, problemsOmitted } = found;
  const dirs = referring.length + referringOmitted;
  const verb = dirs === 1 ? "refers" : "refer";
  const shown = referring.slice(0, DIRS_SHOWN_MAX);
  const each = shown.map(({ dir, to }) => `${literal(dir)} to ${literals(to)}`);
  const more = dirs - shown.length;
  const items = more === 0 ? each : [...each, count(more, "more directory", "more directories")];
  const list = each.length === 0 ? "" : `: ${enumerate(items, items.length)}`;
  const linked = links === 0 ? "" : ` It has ${count(links, "symbolic link")}.`;
  const unread = problems.map(({ path, message }) => ` ${literal(path)}: ${sentence(message)}`);
  const unsaid = problemsOmitted === 0 ? "" : ` ${count(problemsOmitted, "more file")} besides.`;
  const missing = problems.length === 0 ? "" : ` Not read:${unread.join("")}${unsaid}`;
  return (
    `Commit \`${shortSha(head)}\` was read: ` +
    (dirs === 0
      ? "no directory refers to anything else in the repository."
      : `${count(dirs, "directory", "directories")} ${verb} to modules, files or other roots${list}.`) +
    linked +
    missing
  );
}
