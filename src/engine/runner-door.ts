import type { DirspaceKey } from "../core/change/dirspace.ts";
import type { RepositoryIndex } from "../core/change/repository-index.ts";
import type { Happening } from "../core/event.ts";
import type { Answer } from "../core/fact.ts";
import type { AttemptId } from "../core/ids.ts";
import { mayLeaveIssues } from "../core/run/issue.ts";
import type { UnitReport } from "../core/run/report.ts";
import { hasEnded } from "../core/run/work.ts";
import {
  type ClaimedRun,
  codeTokenId,
  type Granted,
  type LastWords,
  type NextWork,
  type Session,
} from "../ports/runner-store.ts";
import { type LiveAnswer, lookUpLive } from "./live.ts";
import { notConnected } from "./not-connected.ts";
import { codeUsed, examineCode, isCode } from "./one-time-code.ts";
import { newEventId } from "./perform.ts";
import type { EnginePorts } from "./ports.ts";

const CREDENTIAL_BYTES = 32;

export type ClaimOutcome =
  | {
      readonly kind: "claimed";
      readonly credential: string;
      readonly run: ClaimedRun;
      readonly sealKey: Uint8Array;
    }
  | {
      readonly kind: "refused";
      readonly status: 401 | 404 | 409 | 410;
      readonly code: string;
      readonly message: string;
    }
  | { readonly kind: "unavailable"; readonly message: string };

/** What a runner may ask, already authenticated where a `Session` is taken. */
export interface RunnerDoor {
  claim(attempt: AttemptId, token: string, audience: string): Promise<ClaimOutcome>;
  session(credential: string): Promise<Session | undefined>;
  heartbeat(
    session: Session,
    running: readonly DirspaceKey[],
  ): Promise<{ readonly cancel: boolean }>;
  appendOutput(
    session: Session,
    unit: DirspaceKey,
    seq: number,
    text: string,
  ): Promise<number | undefined>;
  putPlan(session: Session, digest: string, sealed: Uint8Array): Promise<boolean>;
  /** The sealed plan that this run may apply under this digest. */
  plan(
    session: Session,
    unit: DirspaceKey | undefined,
    digest: string,
  ): Promise<Uint8Array | undefined>;
  report(
    session: Session,
    unit: DirspaceKey,
    report: UnitReport,
    durationMs: number,
  ): ReturnType<EnginePorts["runners"]["report"]>;
  /** Without a digest: of a run whose dirspaces no reviewed plan binds. */
  grant(session: Session, unit: DirspaceKey, digest: string | undefined): Promise<GrantOutcome>;
  /** What the code of a commit refers to, as a job of its run found out. */
  indexed(session: Session, commit: string, index: RepositoryIndex): Promise<IndexOutcome>;
  /** What a builder printed at a commit. `asked`: the digest of what it was asked, where the job says it. */
  built(
    session: Session,
    commit: string,
    answer: BuilderAnswer,
    asked?: string,
  ): Promise<IndexOutcome>;
  /** What a job that has read the code goes on with, if that is decided. */
  next(session: Session): Promise<NextOutcome>;
  finish(session: Session, said: LastWords): Promise<void>;
}

export type BuilderAnswer = Extract<Answer, { kind: "built_tree" | "built_config" }>;

export type IndexOutcome =
  | Awaited<ReturnType<EnginePorts["runners"]["keepPrepared"]>>
  | "other_commit";

export type NextOutcome =
  | Extract<NextWork, { kind: "wait" | "over" }>
  | (Extract<NextWork, { kind: "filled" | "preparing" }> & { readonly sealKey: Uint8Array });

export type GrantOutcome =
  | (Extract<Granted, { kind: "granted" }> & { readonly sealKey: Uint8Array })
  | Extract<Granted, { kind: "refused" }>
  | { readonly kind: "unavailable"; readonly message: string };

export function runnerDoor(ports: EnginePorts): RunnerDoor {
  const { runners } = ports;
  return {
    claim: (attempt, token, audience) => claim(ports, attempt, token, audience),
    session: (credential) => runners.session(hash(ports, credential)),
    async heartbeat(session, running) {
      await runners.heartbeat(session.attempt, running);
      return { cancel: session.cancelRequested || session.over };
    },
    appendOutput: (session, unit, seq, text) =>
      runners.appendOutput(session.run.runId, unit, seq, text),
    putPlan: (session, digest, sealed) => runners.putPlan(session.run.runId, digest, sealed),
    plan: (session, unit, digest) => runners.plan(session.run.runId, unit, digest),
    report: (session, unit, report, durationMs) =>
      runners.report(session.run.runId, unit, report, durationMs),
    grant: (session, unit, digest) => grant(ports, session, unit, digest),
    async indexed(session, commit, index) {
      // A job speaks of the commit it was given and of no other.
      if (commit !== session.run.headSha) return "other_commit";
      return await runners.keepPrepared(session, "index", { kind: "index", index });
    },
    async built(session, commit, answer, asked = "") {
      const { headSha, prepares } = session.run;
      if (commit !== headSha) return "other_commit";
      // Where it is not said, the one that was asked for last is the one that is at work.
      const what = prepares.findLast((one) => one.startsWith(`${answer.kind}:${asked}`));
      return what === undefined ? "not_asked" : await runners.keepPrepared(session, what, answer);
    },
    async next(session) {
      const next = await runners.nextWork(session.run.runId);
      if (next.kind === "wait" || next.kind === "over") return next;
      return { ...next, sealKey: sealKey(ports, next.run) };
    },
    async finish(session, said) {
      const issues = mayLeaveIssues(session.run.settings?.hooks) ? said.issues : undefined;
      if (!(await runners.finish(session, { ...said, issues }))) return;
      const { run, attempt, over } = session;
      const { runId } = run;
      // What a job says after its end was heard of, its gates and hooks, is shown as well (S27, L40).
      const happening: Happening = over
        ? { kind: "run_progressed", runId }
        : {
            kind: "run_ended",
            runId,
            attemptId: attempt,
            how: { kind: "finished", failure: said.failure?.message },
          };
      await ports.store.append(run.pullRequest.id, newEventId(ports), happening);
    },
  };
}

/** P6: the job shows its CI identity; what it gets is good for this one run only. */
async function claim(
  ports: EnginePorts,
  attempt: AttemptId,
  token: string,
  audience: string,
): Promise<ClaimOutcome> {
  const owner = await ports.runners.attemptOwner(attempt);
  if (owner === undefined) {
    return refused(404, "UNKNOWN_ATTEMPT", "There is no such attempt on this server.");
  }
  if (isCode(token)) return await claimByCode(ports, attempt, token);
  const { vcs, ref, defaultBranch } = owner.repository;
  const ci = await ports.ci.get(vcs);
  if (ci === undefined) return notConnected(vcs);
  const who = await ci.identify(token, audience, { repository: ref, defaultBranch });
  if (who.kind === "unavailable") return who;
  if (who.kind === "refused") return refused(401, "IDENTITY_REFUSED", who.because);
  const { identity } = who;
  // Ids, not names: a renamed or re-created repository is another one (T5, T16).
  if (identity.repositoryId !== ref.id) {
    return refused(401, "IDENTITY_REFUSED", "The job belongs to another repository.");
  }
  if (identity.ciRunAttempt !== 1) {
    return refused(
      409,
      "RERUN_REFUSED",
      "A re-run of a CI job cannot continue an old run. Comment `terrane plan` to start a new one.",
    );
  }
  return await take(ports, attempt, identity);
}

/** Without a CI identity: whoever has the code is the job of the CI run that it was given to. */
async function claimByCode(
  ports: EnginePorts,
  attempt: AttemptId,
  code: string,
): Promise<ClaimOutcome> {
  const shown = await examineCode(ports, attempt, code);
  if (shown.kind !== "ok") return shown;
  const { ciRun, expiresAtMs } = shown.found;
  const tokenId = codeTokenId(hash(ports, code));
  const identity = { ciRun, tokenId, expiresAtMs, strictlyOnce: true };
  const taken = await take(ports, attempt, identity);
  const isLate = taken.kind === "refused" && LATE.has(taken.code);
  return isLate ? codeUsed() : taken;
}

/** What a second use comes to, depending on how far the first has got. */
const LATE: ReadonlySet<string> = new Set(["IDENTITY_REPLAYED", "ALREADY_CLAIMED"]);

async function take(
  ports: EnginePorts,
  attempt: AttemptId,
  identity: Parameters<EnginePorts["runners"]["claim"]>[1],
): Promise<ClaimOutcome> {
  const credential = Buffer.from(ports.random.bytes(CREDENTIAL_BYTES)).toString("base64url");
  const claimed = await ports.runners.claim(attempt, identity, hash(ports, credential));
  switch (claimed.kind) {
    case "claimed":
      return {
        kind: "claimed",
        credential,
        run: claimed.run,
        sealKey: sealKey(ports, claimed.run),
      };
    case "unknown_attempt":
      return refused(404, "UNKNOWN_ATTEMPT", "There is no such attempt on this server.");
    case "token_used":
      return refused(401, "IDENTITY_REPLAYED", "This identity token was used before.");
    case "already_claimed":
      return refused(409, "ALREADY_CLAIMED", "Another CI job works on this attempt.");
    case "other_ci_run":
      return refused(
        409,
        "OTHER_CI_RUN",
        `This attempt belongs to the CI run ${claimed.ciRun}, not to ${identity.ciRun}. Only the run that the server started may work on it.`,
      );
    case "over":
      return refused(410, "RUN_OVER", "The run has ended; there is nothing to do.");
  }
}

/** One key for the plans of one repository: a plan sealed in the plan run is opened in the apply run. */
function sealKey(ports: EnginePorts, run: Session["run"]): Uint8Array {
  return ports.secrets.deriveKey(`plan:${run.pullRequest.repository.id}:${run.pullRequest.number}`);
}

async function grant(
  ports: EnginePorts,
  session: Session,
  unit: DirspaceKey,
  digest: string | undefined,
): Promise<GrantOutcome> {
  if (session.cancelRequested || session.over) {
    return { kind: "refused", code: "CANCELLED", message: "The run was cancelled." };
  }
  const work = await ports.runners.work(session.run.runId, unit);
  if (work === undefined || hasEnded(work.state)) {
    return { kind: "refused", code: "UNKNOWN_UNIT", message: `This run has no open unit ${unit}.` };
  }
  const live: LiveAnswer = await lookUpLive(ports, session, unit);
  if (live.kind !== "passed") return live;
  const { view, approvedBy, forced, autoApproved } = live;
  const { headSha, baseSha } = view;
  const evidence = { approvedBy, forced, headSha, baseSha, ...(autoApproved && { autoApproved }) };
  const granted = await ports.runners.grant(session, unit, digest, { view, evidence });
  if (granted.kind === "granted") return { ...granted, sealKey: sealKey(ports, session.run) };
  // What made it refuse is news for the pull request as well.
  await ports.store.append(session.run.pullRequest.id, newEventId(ports), {
    kind: "pull_request_changed",
    hint: "grant_refused",
  });
  return granted;
}

function hash(ports: EnginePorts, credential: string): Uint8Array {
  return ports.secrets.sha256(Buffer.from(credential, "utf8"));
}

function refused(
  status: 401 | 404 | 409 | 410,
  code: string,
  message: string,
): Extract<ClaimOutcome, { kind: "refused" }> {
  return { kind: "refused", status, code, message };
}
