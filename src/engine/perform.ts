import { present } from "../base/assert.ts";
import { unreachable } from "../base/unreachable.ts";
import type { Effect } from "../core/decision.ts";
import type { EventId } from "../core/ids.ts";
import { type Unserved, unservedText } from "../core/standing.ts";
import type { CiJob } from "../ports/ci.ts";
import type { PendingEffect } from "../ports/engine-store.ts";
import type { Vcs, VcsFailure } from "../ports/vcs.ts";
import { idFrom } from "./effect-event.ts";
import { type Entered, type Heard, laneNames, targetOf } from "./lanes.ts";
import { type Later, merge } from "./merge.ts";
import { notConnected } from "./not-connected.ts";
import { withCode } from "./one-time-code.ts";
import type { EnginePorts } from "./ports.ts";
import { publish, type Rest } from "./publish.ts";
import { publishResults } from "./publish-results.ts";
import { startExisting } from "./start-existing.ts";

/** With the pauses between them some hours. */
const FORBIDDEN_TRIES_MAX = 200;
const RETRY_AFTER_MS_MIN = 250;
/** Limits of a VCS are over within an hour (L37). */
const RETRY_AFTER_MS_MAX = 3_600_000;

/** The effect could not be performed now; its job runs again later. */
export class EffectUnavailable extends Error {
  override readonly name = "EffectUnavailable";
}

/** Performs one stored effect, at least once; each is harmless to perform twice (S25). */
export async function perform(key: string, ports: EnginePorts): Promise<void> {
  const pending = await ports.store.effect(key);
  if (pending === undefined) return;
  const { unserved } = pending.pullRequest.repository;
  if (unserved !== undefined && goesOut(pending.effect)) return drop(pending, unserved, ports);
  const target = targetOf(pending.pullRequest.repository);
  const entered = goesOut(pending.effect) ? ports.lanes.enter(target) : STAYS;
  if (entered.kind === "closed") {
    return ports.store.effectWaits(key, entered.pauseMs, laneNames(target));
  }
  let heard: Heard = { kind: "nothing" };
  let failure: VcsFailure | Later | Rest | undefined;
  try {
    failure = await act(pending, ports);
    heard = failure?.kind === "later" || failure?.kind === "rest" ? heard : heardIn(failure);
  } finally {
    entered.leave(heard);
  }
  if (failure?.kind === "later") {
    return ports.store.effectWaits(key, failure.pauseMs, laneNames(target));
  }
  if (failure?.kind === "rest") {
    return ports.store.effectRests(key, pending.wanted, failure.pauseMs);
  }
  if (failure === undefined) return ports.store.effectDone(key, pending.wanted);
  await failed(pending, failure, ports);
}

/** Nobody there hears it. What shows state is wished for again once there is somebody. */
async function drop(
  { key, wanted, effect }: PendingEffect,
  unserved: Unserved,
  ports: EnginePorts,
): Promise<void> {
  const because = unservedText(unserved);
  if (effect.kind === "dispatch") {
    const how = { kind: "never_started", message: because } as const;
    await ports.store.endAttempt(effect.attemptId, newEventId(ports), how);
  }
  ports.log.info({ key, because }, "an effect is dropped");
  await ports.store.effectDropped(key, wanted, because);
}

async function failed(
  pending: PendingEffect,
  failure: VcsFailure,
  ports: EnginePorts,
): Promise<void> {
  const { key, wanted, effect, pullRequest } = pending;
  const final = isFinal(failure, pending);
  if (failure.kind === "forbidden" || failure.kind === "not_found") {
    await ports.store.doubtRepository(pullRequest.repository.id);
  }
  await ports.store.effectFailed(key, wanted, failure.message, final);
  if (final) {
    ports.log.warn({ key, failure }, "an effect was rejected and will not be tried again");
    return;
  }
  const askedMs = failure.kind === "unavailable" ? failure.retryAfterMs : undefined;
  if (askedMs === undefined) throw new EffectUnavailable(`${effect.kind}: ${failure.message}`);
  // Whoever says when to come again is neither asked sooner nor forgotten later.
  const pauseMs = Math.min(Math.max(askedMs, RETRY_AFTER_MS_MIN), RETRY_AFTER_MS_MAX);
  ports.log.info({ key, failure, pauseMs }, "an effect waits as long as the VCS asks");
  await ports.store.effectWaits(key, pauseMs, laneNames(targetOf(pullRequest.repository)));
}

const STAYS: Extract<Entered, { kind: "entered" }> = { kind: "entered", leave() {} };

/** What concerns the database alone waits for no host. */
function goesOut({ kind }: Effect): boolean {
  return kind !== "tell_neighbours" && kind !== "forward_command";
}

function heardIn(failure: VcsFailure | undefined): Heard {
  if (failure?.kind !== "unavailable") return { kind: "answered" };
  const { retryAfterMs, waitsForAll } = failure;
  if (retryAfterMs === undefined) return { kind: "silent" };
  return waitsForAll ? { kind: "closed", waitMs: retryAfterMs } : { kind: "answered" };
}

/**
 * An installation that is suspended for an hour forbids everything meanwhile. What people are shown is right again
 * when that is over, whether or not anything else happens to the pull request (L40).
 */
function isFinal(failure: VcsFailure, { effect, attempts }: PendingEffect): boolean {
  if (failure.kind === "unavailable") return false;
  const shows = effect.kind === "publish" || effect.kind === "publish_results";
  const mayBeAllowedAgain = failure.kind === "forbidden" && shows;
  return !mayBeAllowedAgain || attempts >= FORBIDDEN_TRIES_MAX;
}

async function act(
  pending: PendingEffect,
  ports: EnginePorts,
): Promise<VcsFailure | Later | Rest | undefined> {
  const { effect, pullRequest } = pending;
  const { repository, number } = pullRequest;
  const vcs = await ports.vcs.get(repository.vcs);
  if (vcs === undefined) return notConnected(repository.vcs);
  switch (effect.kind) {
    case "publish":
      return publish(pending, vcs, ports);
    case "publish_results":
      return publishResults(pending, vcs, ports);
    case "acknowledge": {
      const done = await vcs.acknowledge(repository.ref, number, effect.commentId);
      return done.kind === "ok" ? undefined : done;
    }
    case "dispatch":
      return dispatch(effect, ports);
    case "cancel": {
      const ci = present(await ports.ci.get(repository.vcs), `a CI adapter for ${repository.vcs}`);
      // Not every job can be found by its name.
      const known = await ports.store.openAttempt(effect.attemptId);
      return (await ci.cancel(repository.ref, effect.attemptId, known?.ciRun)) ?? undefined;
    }
    case "merge":
      return await merge(pending, effect, vcs, ports);
    case "ask_reviewers":
      return await askReviewers(pending, effect, vcs, ports);
    case "open_issues": {
      const issues = await ports.store.leftIssues(effect.runId);
      const told = issues.length === 0 ? undefined : await vcs.putIssues(repository.ref, issues);
      return told?.kind === "ok" ? undefined : told;
    }
    case "tell_neighbours":
      await ports.store.tellNeighbours(pullRequest, effect);
      return undefined;
    case "forward_command": {
      const other = await ports.store.pullRequestByNumber(repository.id, effect.number);
      if (other === undefined) return undefined;
      await ports.store.append(other.id, idFrom(effect.key, ports), {
        kind: "command_given",
        actor: effect.actor,
        text: effect.text,
        via: "api",
      });
      return undefined;
    }
    default:
      return unreachable(effect);
  }
}

/** Who cannot be asked is news for the pull request, and no failure. */
async function askReviewers(
  { pullRequest: { id, repository, number } }: PendingEffect,
  effect: Extract<Effect, { kind: "ask_reviewers" }>,
  vcs: Vcs,
  ports: EnginePorts,
): Promise<VcsFailure | undefined> {
  const { users, teams } = effect;
  const asked = await vcs.askReviewers(repository.ref, number, { users, teams });
  if (asked.kind !== "ok") return asked;
  const [first] = asked.value;
  if (first === undefined) return undefined;
  await ports.store.append(id, idFrom(effect.key, ports), {
    kind: "reviewers_refused",
    names: asked.value.map(({ name }) => name),
    message: first.message,
  });
  return undefined;
}

/** Starts the CI job. One that cannot be started ends its run with the reason, so that nobody waits for it (L35). */
async function dispatch(
  effect: Extract<Effect, { kind: "dispatch" }>,
  ports: EnginePorts,
): Promise<VcsFailure | undefined> {
  const attempt = await ports.store.attemptToStart(effect.attemptId);
  if (attempt === undefined || attempt.started) return undefined;
  if (attempt.over) {
    // Its place is free again; nothing was started.
    const how = { kind: "never_started", message: "the run ended before" } as const;
    await ports.store.endAttempt(effect.attemptId, newEventId(ports), how);
    return undefined;
  }
  const { pullRequest, runId } = attempt;
  const { repository } = pullRequest;
  const ci = await ports.ci.get(repository.vcs);
  if (ci === undefined) return notConnected(repository.vcs);
  const plain: CiJob = {
    repository: repository.ref,
    defaultBranch: repository.defaultBranch,
    attempt: effect.attemptId,
    serverUrl: ports.serverUrl(),
    title: `Terrane ${attempt.kind} #${pullRequest.number}.${attempt.runNumber}`,
    environment: attempt.environment,
    runsOn: attempt.runsOn,
    ...(attempt.again ? {} : { first: true as const }),
  };
  const job = await withCode(plain, ci, ports);
  const first = await ci.start(job);
  const started =
    first.kind === "existing_runner" ? await startExisting(attempt, job, first, ports, ci) : first;
  if (started.kind === "started") {
    await ports.store.attemptStarted(effect.attemptId, started.ciRun, started.url);
    await ports.store.append(pullRequest.id, newEventId(ports), {
      kind: "run_dispatched",
      runId,
      outcome: "started",
      message: "",
    });
    return undefined;
  }
  if (started.kind === "unavailable") return started;
  const how = { kind: "never_started", message: started.message } as const;
  await ports.store.endAttempt(effect.attemptId, newEventId(ports), how);
  return undefined;
}

export function newEventId(ports: EnginePorts): EventId {
  return ports.random.uuid() as EventId;
}
