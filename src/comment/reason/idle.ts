import { literals, names, subject, utc } from "../words.ts";
import type { ReasonOf, ReasonText, Texts } from "./text.ts";

export type IdleCode =
  | "pull_request_gone"
  | "not_served"
  | "pull_request_closed"
  | "not_a_command"
  | "comment_unconfirmed"
  | "disabled"
  | "nothing_affected"
  | "plans_current"
  | "autoplan_off"
  | "draft_not_planned"
  | "autoapply_held"
  | "autoapply_left"
  | "event_outdated"
  | "observed";

const UNCONFIRMED: Readonly<Record<ReasonOf<"comment_unconfirmed">["because"], string>> = {
  gone: "There is no such comment on this pull request: it was deleted, or there never was one.",
  edited:
    "The comment has another text than the one that arrived: it was edited, or never had that one.",
  answered: "The comment was answered before, and told of once more.",
  other_author: "Somebody else wrote the comment than the one who was named when it arrived.",
};

const NOT_SERVED: Readonly<Record<ReasonOf<"not_served">["because"], ReasonText>> = {
  uninstalled: {
    title: "Terrane is not installed any more",
    cause: "Somebody removed the installation that covered this repository.",
    next: "Install it again for this repository: everything goes on where it was.",
  },
  suspended: {
    title: "The installation is suspended",
    cause: "Somebody suspended the installation that covers this repository.",
    next: "Lift the suspension in the settings of the installation: everything goes on where it was.",
  },
  archived: {
    title: "The repository is archived",
    cause: "The repository can only be read.",
    next: "Take it out of the archive to go on.",
  },
  taken_away: {
    title: "The repository is out of reach",
    cause: "The repository was deleted, or the installation does not cover it any more.",
    next: "Where it still exists, add it to the installation again: everything goes on where it was.",
  },
};

/** Why nothing happened. */
export const IDLE: Texts<IdleCode, ReasonText> = {
  pull_request_gone: () => ({
    title: "Pull request not found",
    cause: "The pull request does not exist any more, or Terrane may not see it.",
    next: "Where it still exists, give Terrane access to the repository again.",
  }),
  not_served: ({ because, since }) => ({
    ...NOT_SERVED[because],
    cause: `${NOT_SERVED[because].cause} That is so since ${utc(since)}. Nothing is planned, applied or said until it is over; locks stay as they are.`,
  }),
  pull_request_closed: () => ({
    title: "Pull request closed",
    cause: "The pull request was closed without being merged, so nothing is planned or applied.",
    next: "Reopen it to go on.",
  }),
  not_a_command: () => ({
    title: "Not a command",
    cause: "The comment does not begin with `terrane` and a verb.",
    next: "`terrane help` lists the commands.",
  }),
  comment_unconfirmed: ({ because }) => ({
    title: "The comment is not as it was told",
    cause: `${UNCONFIRMED[because]} A command counts only as it can be read again.`,
    next: "Write the command in a new comment.",
  }),
  disabled: () => ({
    title: "Switched off",
    cause: "The configuration says `enabled: false`.",
    next: "Set `enabled: true` to use Terrane here.",
  }),
  nothing_affected: ({ deletedDirs }) => ({
    title: "Nothing to plan",
    cause:
      deletedDirs.length === 0
        ? "No dirspace is affected by the files that this pull request changes."
        : `The pull request deletes ${literals(deletedDirs)} and affects no other dirspace. ` +
          "What was managed there still exists.",
    next: "If something should be planned, look at `dirs` and `when_modified` in the configuration.",
  }),
  plans_current: () => ({
    title: "Plans are current",
    cause: "Everything that can be planned at this commit is planned, or is being planned.",
    next: "`terrane plan` plans again.",
  }),
  autoplan_off: ({ dirspaces }) => ({
    title: "Not planned automatically",
    cause: `The configuration says \`autoplan: false\` for ${names(dirspaces)}.`,
    next: "`terrane plan` plans anyway.",
  }),
  draft_not_planned: ({ dirspaces }) => ({
    title: "Drafts are not planned automatically",
    cause: `The pull request is a draft, so ${subject(dirspaces, "waits", "wait")} until it is ready for review.`,
    next: "`terrane plan` plans now.",
  }),
  autoapply_held: ({ dirspaces }) => ({
    title: "Not applied automatically yet",
    cause: `${subject(dirspaces, "is", "are")} to be applied without a command, and not everything that an apply needs is there.`,
    next: "It goes on by itself once that is there; `terrane why` says what is missing.",
  }),
  autoapply_left: ({ dirspaces }) => ({
    title: "Not applied automatically again",
    cause: `An apply of ${names(dirspaces)} at this commit was tried before, so the next one is up to you.`,
    next: "`terrane apply` applies it.",
  }),
  event_outdated: () => ({
    title: "Overtaken",
    cause: "Something newer was already known when this event was looked at.",
  }),
  observed: () => ({
    title: "Seen",
    cause: "The event changed nothing that would need a plan or an apply.",
  }),
};
