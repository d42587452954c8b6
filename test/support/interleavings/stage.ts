import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { DirspaceKey } from "../../../src/core/change/dirspace.ts";
import type {
  AccountId,
  AttemptId,
  EventId,
  PullRequestId,
  RepositoryId,
} from "../../../src/core/ids.ts";
import { createEngine } from "../../../src/engine/engine.ts";
import type { TestDatabase } from "../database.ts";
import { digestOf, type EngineLab, engineLab, type LabSession } from "../engine-lab.ts";
import type { Owned } from "./footprint.ts";

/** How far a pull request has come when the two transactions begin. */
export const LEVELS = [
  "planning",
  "plan_claimed",
  "planned",
  "dispatched",
  "claimed",
  "granted",
] as const;
export type Level = (typeof LEVELS)[number];

/** A pull request of the stage, with all that a transaction about it may need. */
export interface Subject {
  readonly id: PullRequestId;
  readonly number: number;
  readonly repository: RepositoryId;
  /** The dirspace that its apply has, or asks for. */
  readonly unit: DirspaceKey;
  planAttempt: AttemptId;
  planSession: LabSession | undefined;
  applyAttempt: AttemptId | undefined;
  applySession: LabSession | undefined;
  fence: number | undefined;
}

export interface Stage {
  readonly lab: EngineLab;
  readonly subjects: readonly Subject[];
  /** The VCS looks again as it did when the stage was built. */
  reset(): void;
}

const FILES = ["app/main.tf", "net/main.tf"];
const UNITS = ["net:default" as DirspaceKey, "app:default" as DirspaceKey] as const;

/** Builds pull requests on the same two dirspaces with the real engine, each as far as it has to be. */
export async function buildStage(database: TestDatabase, levels: readonly Level[]): Promise<Stage> {
  const lab = await engineLab(database);
  lab.vcs.files = FILES;
  const last = levels.map(rank);
  // Under strict locks the second apply is refused; without them only the index keeps two applies apart (S1).
  if (last.filter((level) => level >= rank("dispatched")).length > 1) {
    lab.vcs.config = 'workflows: [{tag_query: "", lock_policy: none}]\n';
  }
  const bothGranted = levels.every((level) => level === "granted");
  const subjects: Subject[] = [];
  for (const [at] of levels.entries()) {
    const number = at + 1;
    const id = await lab.open(number, FILES);
    const unit = bothGranted && at > 0 ? UNITS[1] : UNITS[0];
    const planAttempt = await newestAttempt(lab, number);
    subjects.push({
      id,
      number,
      repository: await repositoryOf(lab, number),
      unit,
      planAttempt,
      planSession: undefined,
      applyAttempt: undefined,
      applySession: undefined,
      fence: undefined,
    });
  }
  // In step: an apply that one of them was granted makes the plans of the others stale.
  for (const level of LEVELS) {
    for (const [at, subject] of subjects.entries()) {
      if ((last[at] ?? 0) >= rank(level)) await raise(lab, subject, level);
    }
  }
  // The first look only remembers which cluster this is.
  await lab.ports.store.guardCluster(1);
  const views = [...lab.vcs.views];
  return {
    lab,
    subjects,
    reset() {
      for (const [number, view] of views) lab.vcs.views.set(number, view);
    },
  };
}

export function rank(level: Level): number {
  return LEVELS.indexOf(level);
}

async function raise(lab: EngineLab, subject: Subject, level: Level): Promise<void> {
  const { number } = subject;
  switch (level) {
    case "planning":
      return;
    case "plan_claimed":
      subject.planSession = await claim(lab, number);
      return;
    case "planned":
      if (subject.planSession !== undefined) await lab.plans(subject.planSession);
      return;
    case "dispatched":
      await lab.say(number, "bob", "terrane apply");
      subject.applyAttempt = await newestAttempt(lab, number);
      if (subject.applyAttempt === subject.planAttempt) throw new Error("the apply was refused");
      await startAnyway(lab, subject, subject.applyAttempt);
      return;
    case "claimed":
      subject.applySession = await claim(lab, number);
      return;
    case "granted": {
      const session = applySession(subject);
      const granted = await lab.engine.runner.grant(session, subject.unit, digest(subject));
      if (granted.kind !== "granted") throw new Error("the grant was refused");
      subject.fence = granted.fence;
      await lab.drain();
    }
  }
}

/** The queue of CI jobs keeps two applies of one dirspace apart; here the stores behind it have to. */
async function startAnyway(lab: EngineLab, { number }: Subject, attempt: AttemptId): Promise<void> {
  const { started } = lab.ci;
  const [any] = started;
  if (any === undefined || started.some((job) => job.attempt === attempt)) return;
  started.push({ ...any, attempt, title: `Terrane apply #${number}.2` });
  await lab.ports.store.attemptStarted(attempt, `ci-${attempt}`, undefined);
}

export function applySession(subject: Subject): LabSession {
  if (subject.applySession === undefined) throw new Error("no job has claimed the apply");
  return subject.applySession;
}

export function planSession(subject: Subject): LabSession {
  if (subject.planSession === undefined) throw new Error("no job has claimed the plan");
  return subject.planSession;
}

/** The digest of the plan that the subject's apply is about. */
export function digest(subject: Subject): string {
  return digestOf(subject.unit, planSession(subject).run.runId);
}

async function claim(lab: EngineLab, number: number): Promise<LabSession> {
  const { started } = lab.ci;
  const at = started.findLastIndex((job) => job.title.includes(`#${number}.`));
  started.push(...started.splice(at, 1));
  return lab.claim();
}

async function repositoryOf(lab: EngineLab, number: number): Promise<RepositoryId> {
  const { rows } = await sql<{ id: RepositoryId }>`
    select repository_id as id from pull_request where number = ${number}
  `.execute(lab.database.statements);
  const id = rows[0]?.id;
  if (id === undefined) throw new Error("the pull request was not stored");
  return id;
}

async function newestAttempt(lab: EngineLab, number: number): Promise<AttemptId> {
  const { rows } = await sql<{ id: AttemptId }>`
    select attempt.id from attempt join run on run.id = attempt.run_id
    join pull_request on pull_request.id = run.pull_request_id
    where pull_request.number = ${number} order by run.number desc limit 1
  `.execute(lab.database.statements);
  const id = rows[0]?.id;
  if (id === undefined) throw new Error("there is no run yet");
  return id;
}

/** Somebody says it; the event waits with everything looked up for it, so that deciding it is one transaction. */
export async function sayAndAsk(
  lab: EngineLab,
  { id, number }: Subject,
  body: string,
): Promise<void> {
  const author = { id: "id-bob" as AccountId, login: "bob" };
  const commentId = randomUUID();
  lab.vcs.said.set(commentId, { number, author, body });
  await lab.hear(number, { kind: "comment", number, commentId, author, body });
  await askOnly(lab, id);
}

/** Looks up what the oldest waiting event needs and stops before it is decided. */
export async function askOnly(lab: EngineLab, id: PullRequestId): Promise<void> {
  const { store } = lab.ports;
  const stopping = createEngine({
    ...lab.ports,
    store: {
      ...store,
      takeTurn: (pullRequest, use) =>
        store.takeTurn(pullRequest, (turn) =>
          use({ ...turn, save: () => Promise.reject(new BeforeSave()) }),
        ),
    },
  });
  try {
    await stopping.advance(id);
  } catch (error) {
    if (!(error instanceof BeforeSave)) throw error;
  }
}

class BeforeSave extends Error {
  override readonly name = "BeforeSave";
}

/** Every name in the database that belongs to one pull request. */
export async function ownedNames(lab: EngineLab): Promise<readonly Owned[]> {
  const { rows } = await sql<Owned>`
    select id::text as needle, id::text as owner from pull_request
    union all select id, pull_request_id::text from run
    union all select attempt.id, run.pull_request_id::text from attempt join run on run.id = attempt.run_id
    union all select id::text, pull_request_id::text from event
    union all select replace(id::text, '-', ''), pull_request_id::text from event
  `.execute(lab.database.statements);
  return rows;
}

/** Ids in a fixed order, so that a schedule repeats. */
export function countedIds(who: number): () => EventId {
  let count = 0;
  return () => {
    count += 1;
    return `${who}0000000-0000-4000-8000-${String(count).padStart(12, "0")}` as EventId;
  };
}
