import { present } from "../base/assert.ts";
import { unreachable } from "../base/unreachable.ts";
import { type Answer, questionKey } from "../core/fact.ts";
import { type BuilderOrder, stageOf } from "../core/run/preparing.ts";
import type { ClaimedRun, CompatibleAttempt } from "../ports/runner-store.ts";
import { answer, VcsUnavailable } from "./answer.ts";
import type { Refusal } from "./compatible-plan.ts";
import { newEventId } from "./perform.ts";
import type { EnginePorts } from "./ports.ts";
import { hashOf } from "./start-existing.ts";

const CREDENTIAL_BYTES = 32;
/** Existing runners look at these alone. */
const CODE = /\.tf$/;

export type InitiateOutcome =
  | { readonly kind: "work"; readonly credential: string; readonly run: ClaimedRun }
  | {
      readonly kind: "index";
      readonly credential: string;
      readonly run: ClaimedRun;
      readonly dirs: readonly string[];
    }
  /** The script of a builder is to be run. */
  | {
      readonly kind: "build";
      readonly stage: "tree" | "config";
      readonly credential: string;
      readonly run: ClaimedRun;
      readonly order: BuilderOrder;
    }
  /** What follows from what it has read is being decided. */
  | { readonly kind: "wait" }
  | { readonly kind: "done"; readonly because: string }
  | { readonly kind: "unavailable"; readonly message: string }
  | Refusal;

interface Job {
  readonly ciRun: string;
  readonly sha: string;
}

/**
 * S26: the first CI run that shows the token has the attempt, and where the CI system said which run it started, only
 * that one. It gets one credential for each thing there is to do; until that was shown it may ask again, because its
 * answer may have been lost. Later on a job with the same number is a re-run of it.
 */
export async function initiate(
  ports: EnginePorts,
  vcs: string,
  workToken: string,
  said: Job,
): Promise<InitiateOutcome> {
  const found = await ports.runners.compatibleAttempt(hashOf(ports, workToken));
  if (found === undefined || found.session.run.pullRequest.repository.vcs !== vcs) {
    return refused(404, "UNKNOWN_MANIFEST", "There is no such work manifest on this server.");
  }
  if (ports.existingRunners.get(vcs) === undefined || !found.allowed) {
    const message =
      "Existing runners are switched off here. Add the workflow file of this server to the default branch.";
    return refused(403, "COMPATIBLE_OFF", message);
  }
  if (found.session.over || found.closed) return done("The run has ended.");
  const job = await withRun(ports, found, said);
  if ("kind" in job) return job;
  const holder = found.ciRun ?? found.claimedCiRun;
  if (holder !== undefined && holder !== job.ciRun) {
    const code = found.ciRun === undefined ? "ALREADY_CLAIMED" : "OTHER_CI_RUN";
    const message = `This work belongs to the CI run ${holder}, not to ${job.ciRun}.`;
    return refused(409, code, message);
  }
  const isMine = found.claimedCiRun === job.ciRun;
  if (isMine && found.inUse) return await goOn(ports, found);
  return isMoved(found, job) ? await giveBack(ports, found) : await claim(ports, found, job);
}

/** Which CI run the job is of, where it says which job it is. */
async function withRun(
  ports: EnginePorts,
  { session }: CompatibleAttempt,
  said: Job,
): Promise<Job | InitiateOutcome> {
  const { vcs, ref } = session.run.pullRequest.repository;
  const ci = await ports.ci.get(vcs);
  if (ci?.runOfJob === undefined) return said;
  const run = await ci.runOfJob(ref, said.ciRun);
  if (run.kind === "ok") return { ...said, ciRun: run.value };
  if (run.kind !== "not_found") return { kind: "unavailable", message: run.message };
  const message = `This work does not belong to the CI job ${said.ciRun}, which is none of the repository.`;
  return refused(409, "OTHER_CI_RUN", message);
}

/** The job works on what its branch holds. After the merge that is the base branch, whose newest commit is as good. */
function isMoved({ session }: CompatibleAttempt, { sha }: Job): boolean {
  return session.run.checkout === "merged" && sha !== session.run.headSha;
}

/** L36: the branch moved between dispatch and start. Nobody may work on this attempt, and the pull request is read again. */
async function giveBack(
  ports: EnginePorts,
  { session }: CompatibleAttempt,
): Promise<InitiateOutcome> {
  await ports.store.append(session.run.pullRequest.id, newEventId(ports), {
    kind: "pull_request_changed",
    hint: "branch_moved",
  });
  const message = "The branch moved between the dispatch and the start of the CI job.";
  await ports.store.endAttempt(session.attempt, newEventId(ports), {
    kind: "never_started",
    message,
  });
  return done(message);
}

async function claim(
  ports: EnginePorts,
  { session }: CompatibleAttempt,
  { ciRun }: Job,
): Promise<InitiateOutcome> {
  const credential = newCredential(ports);
  const identity = { ciRun, tokenId: `compatible:${ports.random.uuid()}`, expiresAtMs: 0 };
  const claimed = await ports.runners.claim(session.attempt, identity, hashOf(ports, credential));
  switch (claimed.kind) {
    case "claimed":
      return await handOut(ports, claimed.run, credential);
    case "over":
      return done("The run has ended.");
    case "unknown_attempt":
    case "token_used":
    case "already_claimed":
    case "other_ci_run":
      return refused(409, "ALREADY_CLAIMED", "Another CI run works on this.");
    default:
      return unreachable(claimed);
  }
}

async function handOut(
  ports: EnginePorts,
  run: ClaimedRun,
  credential: string,
  hash?: Uint8Array,
): Promise<InitiateOutcome> {
  if (run.next === undefined) {
    await ports.runners.handOut(run.attempt, "work", hash);
    await leaveLater(ports, run);
    return { kind: "work", credential, run: { ...run, units: startable(run) } };
  }
  const { what, order } = run.next;
  const stage = stageOf(what);
  if (stage !== "index") {
    await ports.runners.handOut(run.attempt, stage, hash);
    return { kind: "build", stage, credential, run, order: present(order, "a builder's script") };
  }
  try {
    const dirs = await codeDirs(ports, run);
    await ports.runners.handOut(run.attempt, "index", hash);
    return { kind: "index", credential, run, dirs };
  } catch (error) {
    if (!(error instanceof VcsUnavailable)) throw error;
    return { kind: "unavailable", message: error.message };
  }
}

/** It has shown its credential: it has read the code and goes on, or it is over, or this is a re-run of it. */
async function goOn(ports: EnginePorts, found: CompatibleAttempt): Promise<InitiateOutcome> {
  if (found.manifest === undefined || found.manifest === "work") {
    return done("This CI run had its work already; a re-run of a CI job cannot continue it.");
  }
  const next = await ports.runners.nextWork(found.session.run.runId);
  switch (next.kind) {
    case "wait":
      return next;
    case "over":
      return done("There is nothing to do.");
    case "preparing":
    case "filled": {
      // It reads the code already, and asks again too early.
      const same = next.run.next?.what === "index" && found.manifest === "index";
      if (same) return { kind: "wait" };
      const credential = newCredential(ports);
      return await handOut(ports, next.run, credential, hashOf(ports, credential));
    }
    default:
      return unreachable(next);
  }
}

/** An existing runner applies all that it is given, whatever became of the ones before. */
function startable({ kind, units }: ClaimedRun): ClaimedRun["units"] {
  return kind === "apply" ? units.filter(({ after }) => after.length === 0) : units;
}

async function leaveLater(ports: EnginePorts, run: ClaimedRun): Promise<void> {
  if (run.kind !== "apply") return;
  for (const { dirspace, after } of run.units) {
    if (after.length === 0) continue;
    const because = `It comes after ${after.join(", ")}, and an existing runner works on one layer in a job. Apply again once that is applied.`;
    await ports.runners.report(run.runId, dirspace, { outcome: "not_started", because }, undefined);
  }
}

/** The directories of the head that hold code. */
async function codeDirs(ports: EnginePorts, run: ClaimedRun): Promise<readonly string[]> {
  const dirs = new Set<string>();
  for (const path of await gitFiles(ports, run)) {
    if (!CODE.test(path)) continue;
    const slash = path.lastIndexOf("/");
    dirs.add(slash < 0 ? "." : path.slice(0, slash));
  }
  return [...dirs].toSorted();
}

/** What git has at the head. */
export async function gitFiles(
  ports: EnginePorts,
  run: Pick<ClaimedRun, "headSha" | "pullRequest">,
): Promise<readonly string[]> {
  const question = { kind: "tree", commit: run.headSha } as const;
  const key = questionKey(question);
  const { pullRequest } = run;
  const known = await ports.store.knownAnswers(pullRequest.repository.id, [key]);
  const tree: Answer = known.get(key) ?? (await answer(ports, pullRequest, question)).answer;
  return tree.kind === "tree" ? tree.paths : [];
}

function newCredential(ports: EnginePorts): string {
  return Buffer.from(ports.random.bytes(CREDENTIAL_BYTES)).toString("base64url");
}

function done(because: string): InitiateOutcome {
  return { kind: "done", because };
}

function refused(status: Refusal["status"], code: string, message: string): Refusal {
  return { kind: "refused", status, code, message };
}
