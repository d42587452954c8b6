import type { ReasonCode } from "../../core/reason.ts";
import { enumerate, literal, literals, names, pullRequests, sentence } from "../words.ts";
import { unreadableText } from "./access.ts";
import type { ReasonText, RefusalText, Texts } from "./text.ts";

export type QueueRefusedCode = Extract<
  ReasonCode,
  | "others_first"
  | "nothing_blocks"
  | "force_unlock_usage"
  | "force_unlock_unconfirmed"
  | "force_unlock_denied"
>;

export type QueueDoneCode = Extract<
  ReasonCode,
  "queued" | "turn_began" | "turn_lapsed" | "wait_ended" | "no_drift_locks" | "force_unlocked"
>;

const SHOWN_MAX = 4;

/** Refusals that come from who else waits, and from `force-unlock`. */
export const QUEUE_REFUSED: Texts<QueueRefusedCode, RefusalText> = {
  others_first: ({ waits }) => {
    const first = [...new Set(waits.map(({ by }) => by))].toSorted((a, b) => a - b);
    const causes = first.map((number) => {
      const own = waits.filter(({ by }) => by === number).map(({ dirspace }) => dirspace);
      return `pull request ${number} waits for ${names(own)} already`;
    });
    return {
      title: "Others wait for it already",
      cause: sentence(enumerate(causes, SHOWN_MAX)),
      next: `Wait for ${pullRequests(first)}, or end their waiting with \`terrane unlock ${first.slice(0, 20).join(" ")}\`.`,
      pullRequests: first,
    };
  },
  nothing_blocks: () => ({
    title: "Nothing is in the way",
    cause:
      "No other pull request owns, waits for or applies anything that this pull request touches.",
    next: "`terrane apply` applies what is planned.",
  }),
  force_unlock_usage: ({ what = "", nearest = "12" }) => ({
    title: "A forced unlock needs its target and a reason",
    cause:
      "`terrane force-unlock` takes the number of the pull request or one of its directories, and then the reason " +
      `in some words, which stays in the history. ${what === "" ? "Neither was given." : `${literal(what)} alone is not enough.`}`,
    next: `For example \`terrane force-unlock ${nearest.replaceAll("`", "'")} the runner host is gone, nothing works there any more\`.`,
  }),
  force_unlock_unconfirmed: ({ what, number, dirspaces }) => ({
    title: "Not what this pull request is about",
    cause:
      `${literal(what)} is neither the number of this pull request (${number}) nor a dirspace of it` +
      `${dirspaces.length === 0 ? "" : `; those are ${names(dirspaces)}`}. Nothing was unlocked.`,
    next: "Name the dirspace as shown in the comment, or the number of the pull request.",
  }),
  force_unlock_denied: ({ login, has, allowed, branch, unreadable }) => ({
    title: "Not permitted",
    cause:
      `${literal(login)} has the permission ${literal(has)}; a forced unlock needs ${literal("admin")}` +
      (allowed.length === 0
        ? `, as ${literal("access_control.unlock")} on ${literal(branch)} names nobody in particular.`
        : `, or to be named by ${literal("access_control.unlock")} on ${literal(branch)}: ${literals(allowed)}.`) +
      unreadableText(unreadable),
    next: "Ask one of them to comment the same command. `terrane unlock` asks the job to stop and waits.",
  }),
};

/** What happened in the queue. */
export const QUEUE_DONE: Texts<QueueDoneCode, ReasonText> = {
  queued: ({ position, of, behind }) => ({
    title: "Waits in the queue",
    cause:
      `The apply waits${behind.length === 0 ? "" : ` behind ${pullRequests(behind)}`}, position ${position} of ${of}. ` +
      "Nobody who comes later goes first.",
    next: "Once it is its turn, it is planned again and this comment says so. `terrane unlock` gives the place up.",
    pullRequests: behind,
  }),
  turn_began: ({ planned, others }) => ({
    title: "It is your turn",
    cause: [
      "Nobody is in the way any more.",
      ...(planned.length === 0 ? [] : [`${names(planned)} can be applied.`]),
      ...(others.length === 0
        ? []
        : [
            `${names(others)} ${others.length === 1 ? "is" : "are"} planned again, as others went first.`,
          ]),
    ].join(" "),
    next: "Look at the plan when it is there, then comment `terrane apply`. While others wait, an unused turn lapses after a time.",
  }),
  turn_lapsed: ({ behind }) => ({
    title: "The turn has lapsed",
    cause: `It was not used in time, and ${pullRequests(behind)} waited for it.`,
    next: "Comment `terrane apply` for a new place, behind those who wait.",
    pullRequests: behind,
  }),
  wait_ended: ({ why }) => ({ title: "Waits no more", cause: ENDED_WHY[why] }),
  no_drift_locks: () => ({
    title: "Nothing of drift is locked",
    cause: "Only pull requests lock dirspaces; no drift run does.",
  }),
  force_unlocked: ({ login, why, dirspaces }) => ({
    title: "Unlocked by force",
    cause:
      (dirspaces.length === 0
        ? `${literal(login)} unlocked by force, with nothing in doubt. `
        : `${literal(login)} gave up the apply of ${names(dirspaces)}, which may have changed something. `) +
      `The reason: ${literal(why)}.`,
    next: "Look at what is there before the next apply: `terrane plan` shows the difference.",
  }),
};

const ENDED_WHY = {
  applied: "The apply began, so its place in the queue is free.",
  unlock: "The place in the queue was given up.",
  closed: "The pull request is closed, so its place in the queue is free.",
  nothing_left: "There is nothing left to apply, so its place in the queue is free.",
  lapsed: "The turn was not used, so its place in the queue is free.",
} as const;
