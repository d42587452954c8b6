import type { RunEnding } from "../core/event.ts";
import type { AttemptId } from "../core/ids.ts";
import type { OpenAttempt } from "../ports/engine-store.ts";
import { byHost } from "./by-host.ts";
import { conclusionWords } from "./conclusion-words.ts";
import { newEventId } from "./perform.ts";
import type { EnginePorts } from "./ports.ts";

/** A job that gave a sign of life within this time is not asked after: the runner beats more often. */
const QUIET_MS = 12_000;
/** When the CI system knows nothing of a job that says nothing itself, this much patience is enough. */
const GIVE_UP_FACTOR = 3;
/** No CI system keeps a job waiting for longer: whoever could not be asked for a day knows nothing of it any more. */
const UNASKED_MS_MAX = 24 * 60 * 60_000;

/** Looks after every job that may still work: silent ones, dead ones, ones that never came (L34, L35). */
export async function watchAttempts(ports: EnginePorts): Promise<void> {
  const quiet = await ports.store.takeQuietAttempts(QUIET_MS);
  const hostOf = ({ pullRequest }: OpenAttempt) => pullRequest.repository.vcs;
  await byHost(quiet, hostOf, async (attempt) => {
    try {
      await watchOne(attempt, ports);
    } catch (error) {
      ports.log.warn({ err: error, attempt: attempt.attempt }, "a CI job could not be looked at");
    }
  });
}

async function watchOne(attempt: OpenAttempt, ports: EnginePorts): Promise<void> {
  const quietMs = attempt.now - lastSign(attempt);
  const { claimedAt, compatible } = attempt;
  if (
    claimedAt !== undefined &&
    !compatible &&
    !attempt.silent &&
    quietMs > ports.limits.silentAfterMs
  ) {
    // The event first: should we stop between the two, it is said again.
    const { runId } = attempt;
    const happening = { kind: "run_went_silent", runId } as const;
    await ports.store.append(attempt.pullRequest.id, newEventId(ports), happening);
    await ports.store.attemptSilent(attempt.attempt);
  }
  if (attempt.dispatchedAt !== undefined) await askCi(attempt, ports);
}

/** The CI system's word is proof; ours is not (S3). */
export async function askCi(attempt: OpenAttempt, ports: EnginePorts): Promise<void> {
  const { repository } = attempt.pullRequest;
  const ci = await ports.ci.get(repository.vcs);
  // Nobody can be asked: what the job does stays unknown.
  if (ci === undefined) return;
  const status = await ci.status(repository.ref, attempt.attempt, attempt.ciRun);
  if (status.kind === "ended") {
    await end(attempt, status.conclusion, ports);
    return;
  }
  if (status.kind !== "unknown" && status.kind !== "unavailable") return;
  const quietMs = attempt.now - lastSign(attempt);
  const isAsked = status.kind === "unknown";
  if (quietMs <= (isAsked ? GIVE_UP_FACTOR * ports.limits.claimWithinMs : UNASKED_MS_MAX)) return;
  // Without a claim, or without a grant, nothing of it can be applying, and from now on nothing will: giving up
  // frees nothing that is held. One that has its grant stays unknown until somebody knows (S3).
  const told = isAsked ? "the CI system does not know it" : "the CI system cannot be asked";
  const message = `Nothing was heard of the CI job, and ${told}: ${status.message}`;
  const kind = attempt.claimedAt === undefined ? "never_started" : "given_up";
  await ports.store.endAttempt(attempt.attempt, newEventId(ports), { kind, message });
}

/** Its run has ended by itself, so nothing but the place of the job depends on this: that it was told so is enough. */
export async function jobIsOver({ attempt }: OpenAttempt, ports: EnginePorts): Promise<void> {
  const how = { kind: "ci_ended", conclusion: "completed" } as const;
  await ports.store.endAttempt(attempt, newEventId(ports), how);
}

/** Says that a job is positively over; once for each attempt. */
export async function attemptOver(
  id: AttemptId,
  conclusion: string,
  ports: EnginePorts,
): Promise<void> {
  const attempt = await ports.store.openAttempt(id);
  if (attempt !== undefined) await end(attempt, conclusion, ports);
}

/**
 * Of a job that reported here its end is proof. Where nobody has claimed, it may have been started twice and the
 * other one may still come: then the attempt is closed to it first (S3).
 */
async function end(attempt: OpenAttempt, told: string, ports: EnginePorts): Promise<void> {
  const conclusion = conclusionWords(told);
  const how: RunEnding =
    attempt.claimedAt === undefined
      ? {
          kind: "never_started",
          message: `the CI job ended (${conclusion}) before it reported here`,
        }
      : { kind: "ci_ended", conclusion };
  await ports.store.endAttempt(attempt.attempt, newEventId(ports), how);
}

function lastSign(attempt: OpenAttempt): number {
  const { lastSeenAt, claimedAt, dispatchedAt, createdAt } = attempt;
  return Math.max(lastSeenAt ?? 0, claimedAt ?? 0, dispatchedAt ?? 0, createdAt);
}
