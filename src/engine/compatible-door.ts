import { unreachable } from "../base/unreachable.ts";
import type { DirspaceKey } from "../core/change/dirspace.ts";
import type { RepositoryIndex } from "../core/change/repository-index.ts";
import type { NewUnit } from "../core/decision.ts";
import type { StepReport } from "../core/run/report.ts";
import type { RunnerStore, Session } from "../ports/runner-store.ts";
import { VcsUnavailable } from "./answer.ts";
import { gitFiles, type InitiateOutcome, initiate } from "./compatible-claim.ts";
import { haveAsked } from "./compatible-hooks.ts";
import { fetchPlan, type PlanFetched, type PlanStored, storePlan } from "./compatible-plan.ts";
import { applyReport, failureOf, planReport, type UnitSaid } from "./compatible-report.ts";
import type { EnginePorts } from "./ports.ts";
import type { BuilderAnswer, IndexOutcome, RunnerDoor } from "./runner-door.ts";
import { hashOf, workTokenOf } from "./start-existing.ts";

export type { InitiateOutcome } from "./compatible-claim.ts";

/** What the results of a job say. */
export type Said =
  | {
      readonly kind: "units";
      readonly units: ReadonlyMap<DirspaceKey, UnitSaid>;
      /** Of a hook: the run as a whole failed. */
      readonly failure: string | undefined;
      /** What they did, for people. */
      readonly hooks: { readonly pre: readonly StepReport[]; readonly post: readonly StepReport[] };
      /** One of them should have said which approvals it asks for, and crashed. */
      readonly isSilent: boolean;
    }
  /** The job failed as a whole, or what it sent cannot be read. */
  | { readonly kind: "failed"; readonly message: string };

/** `late`: the run was over before, so what was said is kept as evidence and changes nothing (S27). */
export type Accepted = "recorded" | "repeated" | "late";

export type TokenOutcome =
  | { readonly kind: "ok"; readonly token: string }
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  | { readonly kind: "unavailable"; readonly message: string };

/**
 * The door of existing runners. They show a token that travelled through the CI system, report at the end, and give no
 * sign of life before; everything else is decided as for any runner.
 */
export interface CompatibleDoor {
  initiate(
    vcs: string,
    workToken: string,
    job: { readonly ciRun: string; readonly sha: string },
  ): Promise<InitiateOutcome>;
  /** Undefined where the credential is not of the run that the token was made for. */
  session(workToken: string, credential: string): Promise<Session | undefined>;
  units(session: Session): Promise<readonly NewUnit[]>;
  storePlan(
    session: Session,
    unit: DirspaceKey,
    plan: { readonly bytes: Uint8Array; readonly changed: boolean },
  ): Promise<PlanStored>;
  fetchPlan(session: Session, unit: DirspaceKey): Promise<PlanFetched>;
  accept(session: Session, said: Said): Promise<Accepted>;
  indexed(session: Session, index: RepositoryIndex): Promise<IndexOutcome>;
  /** `withId`: files of a tree about which an id alone says whether they changed. */
  built(
    session: Session,
    answer: BuilderAnswer,
    withId: readonly string[],
  ): Promise<IndexOutcome | "unavailable">;
  readToken(session: Session): Promise<TokenOutcome>;
}

export function compatibleDoor(ports: EnginePorts, door: RunnerDoor): CompatibleDoor {
  const { runners } = ports;
  return {
    initiate: (vcs, workToken, job) => initiate(ports, vcs, workToken, job),
    async session(workToken, credential) {
      const session = await runners.session(hashOf(ports, credential));
      if (session === undefined || workTokenOf(ports, session.attempt) !== workToken) {
        return undefined;
      }
      // From here on nobody gets another credential for the same work.
      await runners.heartbeat(session.attempt, []);
      return session;
    },
    units: (session) => unitsOf(runners, session),
    storePlan: (session, unit, plan) => storePlan(ports, session, unit, plan),
    fetchPlan: (session, unit) => fetchPlan(ports, door, session, unit),
    accept: (session, said) => accept(runners, door, session, said),
    indexed: (session, index) => door.indexed(session, session.run.headSha, index),
    built: (session, answer, withId) => built(ports, door, session, { answer, withId }),
    readToken: (session) => readToken(ports, session),
  };
}

/**
 * Such a job runs the script in one commit, so ids cannot be compared. Of files that git has, git says whether they
 * changed; the others count as changed, because a plan too many is better than one too few.
 */
async function built(
  ports: EnginePorts,
  door: RunnerDoor,
  session: Session,
  { answer, withId }: { readonly answer: BuilderAnswer; readonly withId: readonly string[] },
): Promise<IndexOutcome | "unavailable"> {
  const { headSha } = session.run;
  if (answer.kind === "built_config" || answer.tree === undefined || withId.length === 0) {
    return await door.built(session, headSha, answer);
  }
  try {
    const known = new Set(await gitFiles(ports, session.run));
    const unknown = new Set(withId.filter((path) => !known.has(path)));
    const files = answer.tree.files.map((file) =>
      unknown.has(file.path) ? { ...file, changed: true } : file,
    );
    return await door.built(session, headSha, { ...answer, tree: { ...answer.tree, files } });
  } catch (error) {
    if (error instanceof VcsUnavailable) return "unavailable";
    throw error;
  }
}

async function unitsOf(runners: RunnerStore, session: Session): Promise<readonly NewUnit[]> {
  const next = await runners.nextWork(session.run.runId);
  return next.kind === "filled" ? next.run.units : [];
}

async function accept(
  runners: RunnerStore,
  door: RunnerDoor,
  session: Session,
  said: Said,
): Promise<Accepted> {
  const { runId, kind } = session.run;
  const says = said.kind === "units" ? said.units : new Map<DirspaceKey, UnitSaid>();
  const seen = new Set<Accepted>();
  for (const unit of await unitsToReport(runners, session, says)) {
    const work = await runners.work(runId, unit.dirspace);
    if (work === undefined) continue;
    // Refused before it began: what the job says of it follows from that and is no news.
    if (work.state === "not_started" && !claimsApply(says.get(unit.dirspace))) continue;
    const known = { unit, work };
    const report =
      said.kind === "failed"
        ? ({
            outcome: "failed",
            failure: failureOf("results", said.message),
            fence: work.fence,
          } as const)
        : kind === "plan"
          ? planReport(known, says)
          : applyReport(known, says);
    seen.add(acceptedAs(await runners.report(runId, unit.dirspace, report, undefined)));
  }
  const message = said.kind === "failed" ? said.message : said.failure;
  await door.finish(session, {
    failure: message === undefined ? undefined : { message },
    ...(said.kind === "units" ? { hooks: said.hooks } : {}),
    // What hooks ask for stands at each dirspace.
    gates: haveAsked(session.run.settings, said) ? [] : undefined,
  });
  if (seen.has("recorded") || (seen.size === 0 && !session.over)) return "recorded";
  return seen.has("late") || seen.size === 0 ? "late" : "repeated";
}

/** A run that is over gives no work any more; what is said of its dirspaces is evidence all the same. */
async function unitsToReport(
  runners: RunnerStore,
  session: Session,
  says: ReadonlyMap<DirspaceKey, UnitSaid>,
): Promise<readonly Pick<NewUnit, "dirspace" | "after">[]> {
  const units = await unitsOf(runners, session);
  if (units.length > 0) return units;
  return [...says.keys()].map((dirspace) => ({ dirspace, after: [] }));
}

function claimsApply(said: UnitSaid | undefined): boolean {
  return said !== undefined && said.failure === undefined;
}

function acceptedAs(recorded: Awaited<ReturnType<RunnerStore["report"]>>): Accepted {
  switch (recorded) {
    case "recorded":
    case "repeated":
      return recorded;
    case "conflict":
    case "bad_fence":
    case "unknown_unit":
      return "late";
    default:
      return unreachable(recorded);
  }
}

/** For cloning what the repository itself holds; a job gets no right that its own checkout does not have. */
async function readToken(ports: EnginePorts, session: Session): Promise<TokenOutcome> {
  const { vcs: kind, ref } = session.run.pullRequest.repository;
  if (session.over) return { kind: "refused", code: "RUN_OVER", message: "The run has ended." };
  const vcs = await ports.vcs.get(kind);
  if (vcs?.readToken === undefined) {
    const message = `There are no tokens for a repository of ${kind} here. Give the job one of its own, as a secret of the CI system.`;
    return { kind: "refused", code: "NO_TOKEN", message };
  }
  const got = await vcs.readToken(ref);
  switch (got.kind) {
    case "ok":
      return { kind: "ok", token: got.value };
    case "unavailable":
      return { kind: "unavailable", message: got.message };
    case "not_found":
    case "forbidden":
    case "rejected":
      return { kind: "refused", code: "TOKEN_REFUSED", message: got.message };
    default:
      return unreachable(got);
  }
}
