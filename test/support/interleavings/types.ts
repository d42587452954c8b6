import type { DirspaceKey } from "../../../src/core/change/dirspace.ts";
import type { Answer } from "../../../src/core/fact.ts";
import type { AttemptId, EventId } from "../../../src/core/ids.ts";
import type { PullRequestView } from "../../../src/core/pull-request.ts";
import type { EnginePorts } from "../../../src/engine/ports.ts";
import { sha } from "../core-world.ts";
import { COUNTS } from "../engine-lab.ts";
import {
  applySession,
  askOnly,
  digest,
  type Level,
  planSession,
  type Subject,
  sayAndAsk,
} from "./stage.ts";
import { decide, type TransactionType } from "./transaction-type.ts";
import { UPKEEP_TYPES } from "./upkeep-types.ts";

function command(name: string, level: Level, body: string): TransactionType {
  return {
    name,
    level,
    prepare: (lab, subject) => sayAndAsk(lab, subject, body),
    act: decide,
  };
}

/** The pull request looks different on the VCS, and the event that says so waits. */
function observed(
  name: string,
  action: "pushed" | "closed" | "edited",
  change: (view: PullRequestView) => PullRequestView,
): TransactionType {
  return {
    name,
    level: "planned",
    async prepare(lab, { id, number }) {
      const view = lab.vcs.views.get(number);
      if (view === undefined) throw new Error("the pull request is not there");
      lab.vcs.views.set(number, change(view));
      await lab.hear(number, { kind: "pull_request", number, action });
      await askOnly(lab, id);
    },
    act: decide,
  };
}

/** An event of our own waits, with everything looked up for it. */
function appended(
  name: string,
  level: Level,
  happening: (subject: Subject) => Parameters<EnginePorts["store"]["append"]>[2],
): TransactionType {
  return {
    name,
    level,
    async prepare(lab, subject) {
      const { store, random } = lab.ports;
      await store.append(subject.id, random.uuid() as EventId, happening(subject));
      await askOnly(lab, subject.id);
    },
    act: decide,
  };
}

function identity(ciRun: string, ids: () => EventId) {
  return { ciRun, tokenId: ids(), expiresAtMs: 4_102_444_800_000 };
}

async function live(ports: EnginePorts, { number }: Subject): Promise<PullRequestView> {
  const vcs = await ports.vcs.get("fake");
  if (vcs === undefined) throw new Error("the fake VCS is not there");
  const ref = { installation: "host", id: "repo-1", fullName: "acme/infra" };
  const result = await vcs.pullRequest(ref, number);
  if (result.kind !== "ok") throw new Error("the pull request is not there");
  return result.value;
}

const planned = (digestText: string) =>
  ({
    outcome: "planned",
    changed: true,
    planDigest: digestText,
    counts: COUNTS,
    changes: [],
    text: "",
  }) as const;

function applyAttempt(subject: Subject): AttemptId {
  return subject.applyAttempt ?? subject.planAttempt;
}

const DELIVERY = {
  vcs: "fake",
  repository: { installation: "host", id: "repo-1", fullName: "acme/infra" },
  defaultBranch: "main",
  happening: { kind: "review_changed" },
} as const;

/** Adding a kind of transaction is one entry here; it is then run against every other one. */
export const TRANSACTION_TYPES: readonly TransactionType[] = [
  {
    name: "intake_new",
    level: "planning",
    act: ({ store }, { number }, ids) =>
      store.intake({ ...DELIVERY, deliveryId: ids(), target: { kind: "pull_request", number } }),
  },
  {
    name: "intake_same",
    level: "planning",
    act: ({ store }, { number }) =>
      store.intake({ ...DELIVERY, deliveryId: "d-1", target: { kind: "pull_request", number } }),
  },
  {
    name: "intake_unknown_pull_request",
    level: "planning",
    act: ({ store }, _, ids) =>
      store.intake({
        ...DELIVERY,
        deliveryId: ids(),
        target: { kind: "pull_request", number: 77 },
      }),
  },
  {
    name: "intake_base_moved",
    level: "planning",
    act: ({ store }, _, ids) =>
      store.intake({
        ...DELIVERY,
        deliveryId: ids(),
        target: { kind: "based_on", branch: "main" },
        happening: { kind: "base_moved", after: sha(2) },
      }),
  },
  {
    name: "append",
    level: "planning",
    act: ({ store }, { id }, ids) => store.append(id, ids(), { kind: "review_changed" }),
  },
  command("decide_plan", "planned", "terrane plan"),
  command("decide_apply", "planned", "terrane apply"),
  command("decide_unlock", "dispatched", "terrane unlock"),
  observed("decide_push", "pushed", (view) => ({ ...view, headSha: sha(300 + view.number) })),
  observed("decide_merged", "closed", (view) => ({ ...view, state: "merged", mergeSha: sha(9) })),
  observed("decide_closed", "closed", (view) => ({ ...view, state: "closed" })),
  appended("decide_run_ended", "claimed", (subject) => ({
    kind: "run_ended",
    runId: applySession(subject).run.runId,
    attemptId: applyAttempt(subject),
    how: { kind: "ci_ended", conclusion: "failure" },
  })),
  appended("decide_silent", "granted", (subject) => ({
    kind: "run_went_silent",
    runId: applySession(subject).run.runId,
  })),
  {
    name: "keep_answers",
    level: "planning",
    act: ({ store }, { id: pullRequest, repository }, ids) => {
      const answers = ["tree:z", "tree:a"].map((key) => ({
        key,
        answer: { kind: "tree", paths: [] } as unknown as Answer,
        immutable: true,
      }));
      return store.keepAnswers(ids(), { pullRequest, repository, observed: 0 }, answers);
    },
  },
  {
    name: "claim",
    level: "dispatched",
    act: async ({ runners }, subject, ids) => {
      const attempt = applyAttempt(subject);
      const who = identity(`ci-${attempt}`, ids);
      return (await runners.claim(attempt, who, Buffer.from(ids()))).kind;
    },
  },
  {
    name: "claim_plan",
    level: "planning",
    act: async ({ runners }, { planAttempt }, ids) => {
      const who = identity(`ci-${planAttempt}`, ids);
      return (await runners.claim(planAttempt, who, Buffer.from(ids()))).kind;
    },
  },
  {
    name: "grant",
    level: "claimed",
    act: async (ports, subject) => {
      const view = await live(ports, subject);
      const session = applySession(subject);
      const asked = { view, evidence: { by: "test" } };
      const granted = await ports.runners.grant(session, subject.unit, digest(subject), asked);
      return granted.kind === "granted" ? "granted" : granted.code;
    },
  },
  {
    name: "report_planned",
    level: "plan_claimed",
    act: ({ runners }, subject) =>
      runners.report(planSession(subject).run.runId, subject.unit, planned(digest(subject)), 5),
  },
  {
    name: "report_applied",
    level: "granted",
    act: ({ runners }, subject) => {
      const report = {
        outcome: "applied",
        fence: subject.fence ?? 0,
        outputs: [],
        text: "",
      } as const;
      return runners.report(applySession(subject).run.runId, subject.unit, report, 5);
    },
  },
  {
    name: "heartbeat",
    level: "claimed",
    act: ({ runners }, subject) => runners.heartbeat(applyAttempt(subject), [subject.unit]),
  },
  {
    name: "heartbeat_plan",
    level: "plan_claimed",
    act: ({ runners }, { planAttempt, unit }) => runners.heartbeat(planAttempt, [unit]),
  },
  {
    name: "append_output",
    level: "claimed",
    act: ({ runners }, subject) =>
      runners.appendOutput(applySession(subject).run.runId, subject.unit, 0, "text"),
  },
  {
    name: "finish",
    level: "claimed",
    act: ({ runners }, subject) => runners.finish(applySession(subject), { failure: undefined }),
  },
  {
    name: "end_attempt",
    level: "dispatched",
    act: ({ store }, subject, ids) =>
      store.endAttempt(applyAttempt(subject), ids(), { kind: "ci_ended", conclusion: "failure" }),
  },
  {
    name: "never_started",
    level: "dispatched",
    act: ({ store }, subject, ids) =>
      store.endAttempt(applyAttempt(subject), ids(), { kind: "never_started", message: "no" }),
  },
  {
    name: "attempt_started",
    level: "dispatched",
    act: ({ store }, subject) =>
      store.attemptStarted(applyAttempt(subject), `ci-${applyAttempt(subject)}`, undefined),
  },
  {
    name: "attempt_silent",
    level: "dispatched",
    act: ({ store }, subject) => store.attemptSilent(applyAttempt(subject)),
  },
  {
    name: "take_quiet_attempts",
    level: "dispatched",
    // An attempt that gives a sign of life at this moment is left to the next look.
    act: ({ store }) => store.takeQuietAttempts(0).then(() => undefined),
    again: ({ store }) => store.takeQuietAttempts(0),
  },
  {
    name: "tell_neighbours",
    level: "planned",
    act: async ({ store }, subject) => {
      const from = await store.pullRequestByNumber(subject.repository, subject.number);
      if (from === undefined) throw new Error("the pull request is not there");
      await store.tellNeighbours(from, {
        kind: "tell_neighbours",
        key: `neighbours:${subject.number}`,
        dirspaces: [subject.unit, "app:default" as DirspaceKey],
        because: "applied",
      });
    },
  },
  {
    name: "effect_done",
    level: "planning",
    act: async ({ store }, { id }) => {
      const pending = await store.effect(`publish:${id}`);
      if (pending !== undefined) await store.effectDone(pending.key, pending.wanted);
    },
  },
  {
    name: "effect_failed",
    level: "planning",
    act: async ({ store }, { id }) => {
      const pending = await store.effect(`publish:${id}`);
      if (pending === undefined) return;
      await store.effectFailed(pending.key, pending.wanted, "refused", true);
    },
  },
  {
    name: "keep_publication",
    level: "planning",
    act: ({ store }, { id }, ids) =>
      store.keepPublication(id, "comment", {
        externalId: "1",
        contentHash: ids(),
        content: "",
        open: false,
      }),
  },
  {
    name: "enter_quarantine",
    level: "planned",
    // As after a promotion: the rows name the timeline of before.
    prepare: async ({ database }) => {
      await database.pool.query("update cluster set timeline = timeline - 1");
    },
    act: async ({ store }) => {
      const { kind } = await store.guardCluster(60_000);
      // Which of two looks it is that finds it is told apart by nobody.
      return kind === "same" ? "same" : "quarantined";
    },
  },
  {
    name: "wake_overdue",
    level: "planning",
    act: ({ store }) => store.wakeOverdue(),
  },
  ...UPKEEP_TYPES,
];
