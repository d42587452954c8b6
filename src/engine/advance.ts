import { assert } from "../base/assert.ts";
import { unreachable } from "../base/unreachable.ts";
import type { Decision, Evaluation } from "../core/decision.ts";
import { evaluate } from "../core/evaluate.ts";
import { isKnownHappening } from "../core/event.ts";
import { type Answer, isImmutable, type Question, questionKey } from "../core/fact.ts";
import type { CommitSha, EventId, PullRequestId, RepositoryId } from "../core/ids.ts";
import type { PullRequestView } from "../core/pull-request.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { StoredPullRequest, Turn } from "../ports/engine-store.ts";
import { RefusedWrite } from "../ports/refused-write.ts";
import { type Answered, answer, VcsUnavailable } from "./answer.ts";
import type { EnginePorts } from "./ports.ts";

/** The core asks in steps: the pull request, its configuration, its files, what came into the base, who is in which team. */
const ASK_ROUNDS_MAX = 20;
const VCS_PAUSE_MS_MIN = 1_000;
const VCS_PAUSE_MS_MAX = 60_000;
/** Limits of a VCS are over within an hour (L37). */
const RETRY_AFTER_MS_MAX = 3_600_000;
/** A bug may be one of a moment: a deployment half done, a memory at its limit. Then it needs somebody (L33). */
const BUG_PAUSES_MS = [5_000, 30_000, 120_000];
/** A newer server beside this one finds it within a few of these. */
const UNKNOWN_PAUSE_MS = 60_000;
/** A decision that needs dirspace rows asks for them once, and once more when the change set grew meanwhile. */
const HOLD_ROUNDS_MAX = 3;
/** As often as the VCS is asked for what no webhook told us. */
const STORED_VIEW_MS_MAX = 10 * 60_000;

export type Advanced =
  | { readonly kind: "idle" }
  | { readonly kind: "decided"; readonly decision: Decision }
  /** Not decided now; due again after the pause. Whatever else waits may be decided meanwhile. */
  | { readonly kind: "postponed"; readonly pauseMs: number; readonly error: unknown }
  /** Set aside: deciding it is not possible, which is a bug and not the user's failure (L36). */
  | { readonly kind: "set_aside"; readonly error: unknown };

type Step =
  | { readonly kind: "decided"; readonly decision: Decision }
  | {
      readonly kind: "ask";
      readonly event: EventId;
      readonly pullRequest: StoredPullRequest;
      readonly observed: number;
      readonly questions: readonly Question[];
      readonly central: readonly CommitSha[];
      /** What is known of the pull request, where that is enough. */
      readonly view: PullRequestView | undefined;
      readonly permits: boolean;
    };

/** Decides the oldest waiting event of one pull request; whoever woke us goes on until nothing waits. */
export async function advance(id: PullRequestId, ports: EnginePorts): Promise<Advanced> {
  let current: EventId | undefined;
  let attempts = 0;
  try {
    for (let round = 0; round < ASK_ROUNDS_MAX; round++) {
      const taken = await ports.store.takeTurn(id, (turn) => {
        // Somebody else decided the last one while we looked things up for it: this one has asked nothing yet.
        if (turn.event.id !== current) round = 0;
        current = turn.event.id;
        attempts = turn.attempts;
        return decide(turn);
      });
      if (taken.kind === "idle") return taken;
      if (taken.value.kind === "decided") {
        tellOperators(taken.value.decision, id, ports);
        return taken.value;
      }
      await lookUp(taken.value, ports);
    }
    assert(false, `still asking after ${ASK_ROUNDS_MAX} rounds: ${id}`);
  } catch (error) {
    if (current === undefined) throw error;
    return giveWay({ event: current, attempts, error }, ports);
  }
}

/** What people said to whoever runs this server; the decision keeps it for ever. */
function tellOperators({ reasons }: Decision, id: PullRequestId, ports: EnginePorts): void {
  for (const reason of reasons) {
    if (reason.code !== "feedback_heard") continue;
    const { login, message } = reason;
    ports.log.info({ pullRequest: id, login, message }, "feedback");
  }
}

/** L36: what could not be decided lets others pass, is tried again a little later each time, and not for ever. */
async function giveWay(
  failed: { readonly event: EventId; readonly attempts: number; readonly error: unknown },
  ports: EnginePorts,
): Promise<Advanced> {
  const { event, attempts, error } = failed;
  if (error instanceof VcsUnavailable) {
    // Its commits may be gone by then, and approvals withdrawn: the next try reads the pull request anew (S14).
    await ports.store.dropAnswers(event);
    const pauseMs = vcsPauseMs(attempts, error.retryAfterMs);
    await ports.store.postpone(event, error.message, pauseMs, "pull_request");
    ports.log.info({ err: error, event, pauseMs }, "the VCS cannot be asked now; trying again");
    return { kind: "postponed", pauseMs, error };
  }
  if (error instanceof UnknownHappening && attempts < ports.limits.unknownTries) {
    const pauseMs = UNKNOWN_PAUSE_MS;
    await ports.store.postpone(event, error.message, pauseMs, "event");
    ports.log.warn({ event, pauseMs }, error.message);
    return { kind: "postponed", pauseMs, error };
  }
  // The database is away: nothing can be noted, and the event is found again by the sweep.
  if (isTransient(error)) throw error;
  const pauseMs = BUG_PAUSES_MS[attempts];
  if (pauseMs === undefined) {
    await ports.store.setAside(event, String(error));
    ports.log.error({ err: error, event }, "an event could not be decided; set aside");
    return { kind: "set_aside", error };
  }
  await ports.store.postpone(event, String(error), pauseMs, "event");
  ports.log.error({ err: error, event, pauseMs }, "an event could not be decided; trying again");
  return { kind: "postponed", pauseMs, error };
}

/** L38: while servers of two versions run, the newer one decides what the older one does not know. */
class UnknownHappening extends Error {
  constructor(kind: string) {
    super(
      `An event of the kind "${kind}" is not known to this version of Terrane; a server of a newer one decides it.`,
    );
    this.name = "UnknownHappening";
  }
}

function vcsPauseMs(attempts: number, retryAfterMs: number | undefined): number {
  const own = Math.min(VCS_PAUSE_MS_MIN * 2 ** Math.min(attempts, 10), VCS_PAUSE_MS_MAX);
  return Math.min(Math.max(own, retryAfterMs ?? 0), RETRY_AFTER_MS_MAX);
}

/** Inside the transaction: pure evaluation, and the rows it wants to hold. */
async function decide(turn: Turn): Promise<Step> {
  let snapshot: Snapshot = turn.snapshot;
  if (!isKnownHappening(turn.event.what)) throw new UnknownHappening(turn.event.what.kind);
  for (let round = 0; round <= HOLD_ROUNDS_MAX; round++) {
    const result: Evaluation = evaluate(snapshot, turn.event, turn.facts);
    switch (result.kind) {
      case "ask": {
        const { event, pullRequest, observed } = turn;
        const { questions } = result;
        const central = centralSeen(turn);
        const view = storedView(turn);
        const asked = { questions, central, view, permits: endsApply(turn) };
        return { kind: "ask", event: event.id, pullRequest, observed, ...asked };
      }
      case "hold":
        snapshot = await turn.hold(result.dirspaces);
        break;
      case "decide":
        await turn.save(snapshot, result);
        return { kind: "decided", decision: result };
      default:
        return unreachable(result);
    }
  }
  assert(false, `still asking for rows after ${HOLD_ROUNDS_MAX} rounds: ${turn.event.id}`);
}

/**
 * The end of a job only continues what was begun: whatever of it applies is looked at once more when its grant is taken, and
 * whatever else changes is told by a webhook. So what was seen a while ago is enough.
 */
function storedView({ event, snapshot, viewAgeMs }: Turn): PullRequestView | undefined {
  if (event.what.kind !== "run_ended" || viewAgeMs === undefined) return undefined;
  return viewAgeMs <= STORED_VIEW_MS_MAX ? snapshot.pullRequest.view : undefined;
}

/** Merges and the next applies follow from it: what is kept back of a limit is for them (L37). */
function endsApply({ event: { what }, snapshot }: Turn): boolean {
  if (what.kind !== "run_ended") return false;
  return snapshot.runs.find(({ id }) => id === what.runId)?.kind === "apply";
}

/** What was told of the central repository, and what the last decision was made from: nothing older may follow (S24). */
function centralSeen({ event: { what }, snapshot }: Turn): readonly CommitSha[] {
  if (what.kind === "configuration_moved") return [what.after];
  const { changeSet } = snapshot.pullRequest;
  return changeSet?.central === undefined ? [] : [changeSet.central];
}

/** Outside any transaction: what is known for ever is not asked again. */
async function lookUp(step: Extract<Step, { kind: "ask" }>, ports: EnginePorts): Promise<void> {
  const { pullRequest, questions, event, observed, central, view, permits } = step;
  const { id, repository } = pullRequest;
  const keys = questions.filter(isImmutable).map(questionKey);
  const known = await knownAnswers(ports, repository.id, keys);
  const answers: Answered[] = [];
  for (const question of questions) {
    const key = questionKey(question);
    if (question.kind === "pull_request" && view !== undefined) {
      answers.push({ key, answer: { kind: "pull_request", view, stored: true }, immutable: false });
      continue;
    }
    const kept = known.get(key);
    const { also, ...answered }: Answered =
      kept === undefined
        ? await answer(ports, pullRequest, question, central, permits)
        : { key, answer: kept, immutable: true };
    answers.push(answered, ...(also === undefined ? [] : [also]));
  }
  const asked = { pullRequest: id, repository: repository.id, observed };
  await ports.store.keepAnswers(event, asked, answers);
}

/** Most events begin with the pull request itself, which is asked anew each time: then the database has nothing to say. */
async function knownAnswers(
  { store }: EnginePorts,
  repository: RepositoryId,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Answer>> {
  return keys.length === 0 ? new Map() : store.knownAnswers(repository, keys);
}

/** What trying again can mend: the VCS or the database is away. Assertion failures and type errors it cannot. */
function isTransient(error: unknown): boolean {
  if (error instanceof VcsUnavailable) return true;
  if (error instanceof RefusedWrite || error instanceof UnknownHappening) return false;
  const name = error instanceof Error ? error.name : "";
  return !(name === "AssertionError" || error instanceof TypeError || error instanceof RangeError);
}
