import { count } from "../../base/text.ts";
import { BUILT_FILE } from "../../core/config/source.ts";
import type { Reason } from "../../core/reason.ts";
import { literal, literals, names, sentence, shortSha, subject, utc } from "../words.ts";
import { ACCESS } from "./access.ts";
import { ASKED_REFUSED } from "./asked.ts";
import { BLOCKED } from "./blocked.ts";
import type { DoneCode } from "./done.ts";
import { GATES } from "./gates.ts";
import type { IdleCode } from "./idle.ts";
import { MERGE_REFUSED } from "./merge.ts";
import { QUEUE_REFUSED } from "./queue.ts";
import { REQUIREMENTS } from "./requirements.ts";
import type { RefusalText, Texts } from "./text.ts";

export type RefusedCode = Exclude<Reason["code"], IdleCode | DoneCode | "why_shown">;

const DIAGNOSTICS_MAX = 3;

const WHOLE = "Without the whole list nothing is planned. Push again once the cause is gone.";
const RETRY =
  "What cannot be looked up does not count as passed. Mend the cause, then comment the same command.";

const LOOKUPS = {
  files: { title: "The files cannot be listed", next: WHOLE },
  changes: { title: "The changes cannot be listed", next: WHOLE },
  checks: { title: "The checks cannot be read", next: RETRY },
  reviews: { title: "The reviews cannot be read", next: RETRY },
  central: {
    title: "The central configuration cannot be read",
    next: "Without its rules nothing is planned or applied. Mend the cause, then comment again.",
  },
} as const;

/** Why something was refused, and how to go on. */
export const REFUSED: Texts<RefusedCode, RefusalText> = {
  ...BLOCKED,
  ...ACCESS,
  ...REQUIREMENTS,
  ...ASKED_REFUSED,
  ...GATES,
  ...QUEUE_REFUSED,
  ...MERGE_REFUSED,
  why_unknown: ({ target, available }) => ({
    title: "Not part of this pull request",
    cause: `${literal(target)} is no dirspace that this pull request touches; those are ${names(available)}.`,
    next: `\`terrane why ${target.replaceAll("`", "'")}\` on the command line says why it is not touched, and so does the page of this pull request.`,
  }),
  plan_unseen: ({ dirspaces, writtenAt }) => ({
    title: "Planned since you wrote",
    cause: `Your comment was written at ${utc(writtenAt)} and heard late. ${subject(dirspaces, "was", "were")} planned again since, so you cannot have meant ${dirspaces.length === 1 ? "this plan" : "these plans"}.`,
    next: "Look at what is planned now, then comment again.",
  }),
  button_outdated: ({ pressedOn, head }) => ({
    title: "The button of an older commit",
    cause: `The check is of \`${shortSha(pressedOn)}\`, and the pull request is at \`${shortSha(head)}\`.`,
    next: "Press the button beside the check of the newest commit.",
  }),
  button_unconfirmed: (reason) => {
    const told = `A button was pressed, by ${literal(reason.login)} as we were told. Nobody can be asked whether that is so`;
    return reason.wanted === "apply"
      ? {
          title: "An apply needs your word",
          cause: `${told}, and on hearsay nothing is changed.`,
          next: "Comment `terrane apply`.",
        }
      : {
          title: "A first plan needs your word",
          cause: `${told}, so it plans again what was planned for this commit before, and nothing else: ${subject(reason.dirspaces, "was", "were")} not.`,
          next: "Comment `terrane plan`.",
        };
  },
  unknown_command: ({ word, nearest }) => ({
    title: "Unknown command",
    cause: `There is no command ${literal(word)}.`,
    next:
      nearest === undefined
        ? "`terrane help` lists the commands."
        : `Did you mean \`terrane ${nearest}\`? \`terrane help\` lists the commands.`,
  }),
  comes_later: ({ command, nearest }) => ({
    title: "Not in this version",
    cause: `\`terrane ${command}\` comes with a later version. Nothing was done.`,
    next: `\`terrane ${nearest}\` does what is closest to it.`,
  }),
  not_built: ({ what, number, message }) => ({
    title: `\`${what}\` did not work`,
    cause:
      `Run ${number} ran its script` +
      `${message.trim() === "" ? " and got no answer." : `: ${sentence(message)}`} Without that it is not known what the change touches.`,
    next: "Correct the script and push; `terrane plan` runs it again as it is.",
  }),
  not_indexed: ({ number, message }) => ({
    title: "The code could not be read",
    cause:
      `The configuration enables \`indexer\`, and run ${number} did not find out which modules and links the code has` +
      `${message.trim() === "" ? "." : `: ${sentence(message)}`} Without that it is not known what the change touches.`,
    next: "`terrane plan` tries again; `indexer: {enabled: false}` does without.",
  }),
  bad_query: ({ query, message, offset }) => ({
    title: "The query does not parse",
    cause: `In ${literal(query)}, at character ${offset + 1}: ${sentence(message)}`,
    next: "Correct the query and comment again, for example `terrane plan dir:prod and not dir:prod/db`.",
  }),
  query_matches_nothing: ({ query, available }) => ({
    title: "The query matches nothing",
    cause:
      available.length === 0
        ? `${literal(query)} matches nothing: the pull request affects no dirspace.`
        : `${literal(query)} matches none of the dirspaces of this pull request: ${names(available)}.`,
    next: "Leave the query out for all of them, or use `dir:` with one of these directories.",
  }),
  nothing_to_cancel: () => ({
    title: "Nothing to cancel",
    cause: "Nothing of this pull request runs or waits in the queue.",
    next: "`terrane unlock` gives up its locks; `terrane why` says what it waits for.",
  }),
  unlock_unknown: ({ what }) => ({
    title: "Nothing with that name can be unlocked",
    cause: `${literal(what)} is not the number of a pull request. Nothing was unlocked.`,
    next: "`terrane unlock` gives up the locks of this pull request, `terrane unlock 12` those of pull request 12.",
  }),
  untrusted_fork: ({ head, approvedBy = [] }) => ({
    title: "The change comes from a fork",
    cause: `A plan runs the code of the pull request with credentials of this repository, so nothing runs for a fork before somebody with write access has approved the very commit.${
      approvedBy.length === 0
        ? ""
        : ` The approval of ${literals(approvedBy)} is of no use here: they may not write to this repository.`
    }`,
    next: `Read the change, then approve ${head === undefined ? "its commit" : `commit \`${shortSha(head)}\``} in a review: it is planned at once, and each new commit needs an approval of its own. Or push the branch to this repository and open the pull request from there.`,
  }),
  config_invalid: ({ diagnostics }) => {
    const shown = diagnostics
      .slice(0, DIAGNOSTICS_MAX)
      .map(
        ({ file, line, column, message }) =>
          `${literal(
            file === BUILT_FILE
              ? `${file}, line ${line}, column ${column}`
              : `${file}:${line}:${column}`,
          )}: ${sentence(message)}`,
      );
    const more = diagnostics.length - shown.length;
    return {
      title: "The configuration has errors",
      cause: shown.join(" ") + (more > 0 ? ` And ${count(more, "more error")}.` : ""),
      next: shown.some((_, index) => diagnostics[index]?.file === BUILT_FILE)
        ? "Correct the script of `config_builder`, or what it reads, and push; Terrane runs it again by itself."
        : "Correct the file and push; Terrane reads it again by itself.",
    };
  },
  config_ambiguous: ({ paths }) => ({
    title: "More than one configuration file",
    cause: `There are ${literals(paths)}, and only one of them can count.`,
    next: "Keep one and delete the others.",
  }),
  config_unreadable: ({ path, message }) => ({
    title: "The configuration cannot be read",
    cause: `${literal(path)}: ${sentence(message)}`,
    next: "Correct the file and push; Terrane reads it again by itself.",
  }),
  lookup_refused: ({ what, message }) => ({
    title: LOOKUPS[what].title,
    cause: sentence(message),
    next: LOOKUPS[what].next,
  }),
  graph_invalid: ({ messages }) => ({
    title: "The order of the dirspaces is contradictory",
    cause: messages.slice(0, DIAGNOSTICS_MAX).map(sentence).join(" "),
    next: "Correct `depends_on` in the configuration and push.",
  }),
  same_directory: ({ messages }) => ({
    title: "Two directories cannot be told apart",
    cause: messages.slice(0, DIAGNOSTICS_MAX).map(sentence).join(" "),
    next: "Rename directories until all of them differ, and push.",
  }),
  base_not_configured: ({ base, configured }) => ({
    title: "Pull requests to this branch are not configured",
    cause: `The pull request goes to ${literal(base)}; configured are ${literals(configured)}.`,
    next: `Change the base branch, or add ${literal(base)} to \`destination_branches\`.`,
  }),
  source_not_configured: ({ base, head, sources }) => ({
    title: "Pull requests from this branch are not configured",
    cause: `The pull request goes from ${literal(head)} to ${literal(base)}, which takes ${literals(sources)}.`,
    next: `Use another branch, or add ${literal(head)} to \`source_branches\` of ${literal(base)} in \`destination_branches\`.`,
  }),
  merge_conflict: ({ base }) => ({
    title: "Merge conflict",
    cause: `The pull request conflicts with ${literal(base)}, so there is nothing well-defined to plan or apply.`,
    next: `Merge or rebase onto ${literal(base)} and push; Terrane plans by itself.`,
  }),
  mergeability_unknown: () => ({
    title: "Mergeability is not known yet",
    cause: "It has not been worked out yet whether the pull request has conflicts.",
    next: "Comment the same command again in a minute.",
  }),
  nothing_to_apply: () => ({
    title: "Nothing to apply",
    cause: "Everything that is planned is applied already or has no changes.",
    next: "`terrane plan` plans again.",
  }),
  nothing_to_unlock: () => ({
    title: "Nothing to unlock",
    cause: "The pull request holds no lock and has no place in a queue.",
    next: "To give up the locks of another pull request, name it: `terrane unlock 12`; whoever is in the way: `terrane unlock --blocking`.",
  }),
};
