import type { DirspaceKey } from "../../../src/core/change/dirspace.ts";
import type { AttemptId, CommitSha } from "../../../src/core/ids.ts";
import type { UnitReport } from "../../../src/core/run/report.ts";
import { type Action, runJobs, say } from "./actions.ts";
import { type HistorySession, type HistoryWorld, MEETING, NUMBERS } from "./world.ts";

export const COUNTS = {
  create: 1,
  update: 0,
  replace: 0,
  delete: 0,
  import: 0,
  move: 0,
  forget: 0,
  outputs: 0,
};

/** A job comes: mostly the one that was started, sometimes another one or the same token again. */
const claims: Action = async (world) => {
  const { random, ci } = world;
  const job = ci.started.at(-1 - random.below(2));
  if (job === undefined) return;
  const ciRun = random.chance(0.9) ? `ci-${job.attempt}` : "ci-other";
  await claim(world, job.attempt, ciRun, random.chance(0.9) ? world.uuid() : "used");
};

export async function claim(
  { engine, sessions, ci }: HistoryWorld,
  attempt: AttemptId,
  ciRun: string,
  tokenId: string,
): Promise<HistorySession | undefined> {
  const repository = ci.started.find((job) => job.attempt === attempt)?.repository.id;
  const claimed = await engine.runner.claim(
    attempt,
    `${repository}/${ciRun}/${tokenId}`,
    "terrane",
  );
  if (claimed.kind !== "claimed") return undefined;
  const session = await engine.runner.session(claimed.credential);
  if (session === undefined) return undefined;
  const { credential, run } = claimed;
  const opened = { ...session, units: run.units, credential };
  sessions.push(opened);
  return opened;
}

/** A job that does its work without a fault: without some of these, no history gets anywhere. */
const worksThrough: Action = async (world) => {
  const { ci, engine } = world;
  const job = ci.started.at(-1);
  if (job === undefined) return;
  // Now and then with a token that another job may have shown before.
  const token = world.random.chance(0.9) ? world.uuid() : "used";
  const claimed = await claim(world, job.attempt, `ci-${job.attempt}`, token);
  if (claimed === undefined) return;
  const session = await prepared(world, claimed);
  await engine.runner.heartbeat(
    session,
    session.units.map((unit) => unit.dirspace),
  );
  if (session.run.kind === "plan") await planAll(world, session, 1);
  else await applyAll(world, session, 1);
  await engine.runner.finish(session, { failure: undefined });
};

/** A run that has to read the code first gets its units afterwards. */
async function prepared(world: HistoryWorld, session: HistorySession): Promise<HistorySession> {
  if (session.run.prepares.length === 0) return session;
  let run = session.run;
  for (;;) {
    await findOut(world, { ...session, run }, run.headSha);
    await runJobs(world, 500, 0);
    const next = await world.engine.runner.next(session);
    if (next.kind !== "filled" && next.kind !== "preparing") return session;
    if (next.kind === "filled") return filledSession(world, session, next.run.units);
    if (next.run.prepares.length === run.prepares.length) return session;
    run = next.run;
  }
}

function filledSession(
  world: HistoryWorld,
  session: HistorySession,
  units: HistorySession["units"],
): HistorySession {
  const filled = { ...session, units };
  world.sessions.push(filled);
  return filled;
}

/** What was asked for last. */
async function findOut(
  world: HistoryWorld,
  session: HistorySession,
  commit: CommitSha,
): Promise<void> {
  const { engine, random } = world;
  const last = session.run.prepares.at(-1);
  if (last === undefined || last === "index") return await readCode(world, session, commit);
  const files = [{ path: "app/main.tf", changed: random.chance(0.7) }, { path: "net/main.tf" }];
  await engine.runner.built(
    session,
    commit,
    last.startsWith("built_tree:")
      ? { kind: "built_tree", tree: { files } }
      : { kind: "built_config", text: random.pick(["", "parallel_runs: 2\n", "no: 1\n"]) },
  );
}

async function readCode(
  { engine, random }: HistoryWorld,
  session: HistorySession,
  commit: CommitSha,
): Promise<void> {
  const module = { kind: "module", dir: random.pick(["modules/a", "modules/b"]) } as const;
  const directories = random.chance(0.5) ? [] : [{ dir: "app", references: [module] }];
  const problems = random.chance(0.1) ? [{ path: "net/main.tf", message: "no HCL \u0000" }] : [];
  await engine.runner.indexed(session, commit, { directories, symlinks: [], problems });
}

const indexes = withSession(async (world, session) => {
  const { random, engine } = world;
  const commit = random.chance(0.9) ? session.run.headSha : world.commit();
  await findOut(world, session, commit);
  await engine.runner.next(session);
});

/** What a session does is decided by what it was when it was opened, as a real job's may be. */
function withSession(act: (world: HistoryWorld, session: HistorySession) => Promise<void>): Action {
  return async (world) => {
    const { random, sessions, engine } = world;
    const known = sessions.at(-1 - random.below(Math.min(3, sessions.length || 1)));
    if (known === undefined) return;
    const fresh = await engine.runner.session(known.credential);
    if (fresh === undefined && random.chance(0.8)) return;
    await act(world, { ...known, ...(random.chance(0.8) ? fresh : undefined) });
  };
}

function unitOf({ random }: HistoryWorld, { units }: HistorySession): DirspaceKey {
  if (units.length === 0 || random.chance(0.02)) return "gone:default" as DirspaceKey;
  return random.pick(units).dirspace;
}

/** From a push to an apply with nobody in the way but what happened before. */
const journeys: Action = async (world) => {
  await goesToApply(world, world.random.pick(NUMBERS));
  if (world.random.chance(0.7)) await worksThrough(world);
  await runJobs(world, 500, 0);
};

async function goesToApply(world: HistoryWorld, number: number): Promise<void> {
  await pushes(world, number);
  await worksThrough(world);
  await runJobs(world, 3_000, 0);
  await say(world, number, "terrane apply");
  await runJobs(world, 3_000, 0);
}

export async function pushes(world: HistoryWorld, number: number): Promise<void> {
  const headSha = world.commit();
  world.change(number, () => ({ state: "open", draft: false, headSha }));
  await world.hear({ kind: "pull_request", number, action: "pushed" });
  await runJobs(world, 3_000, 0);
}

/** An apply has its permission: others plan meanwhile, and what is said of it is not always so. */
const besides: Action = async (world) => {
  const { random, engine, ci } = world;
  await goesToApply(world, random.pick(MEETING));
  const job = ci.started.at(-1);
  if (job === undefined) return;
  const session = await claim(world, job.attempt, `ci-${job.attempt}`, world.uuid());
  if (session?.run.kind !== "apply") return;
  const fences = new Map<DirspaceKey, number>();
  for (const { dirspace, plan } of session.units) {
    const granted = await engine.runner.grant(session, dirspace, plan?.digest ?? "");
    if (granted.kind === "granted") fences.set(dirspace, granted.fence);
  }
  await pushes(world, random.pick(MEETING));
  for (const [dirspace, fence] of fences) {
    const said = fence + random.pick([-1, 0, 0, 1]);
    await settled(engine.runner.report(session, dirspace, failed(said), 10));
  }
};

const beats = withSession(async (world, session) => {
  const { random, engine } = world;
  const running = session.units.map((unit) => unit.dirspace).filter(() => random.chance(0.7));
  await engine.runner.heartbeat(session, running);
});

const writes = withSession(async (world, session) => {
  const { random, engine } = world;
  const unit = unitOf(world, session);
  await engine.runner.appendOutput(session, unit, random.below(3), "plan\u0000 text");
  const digest = digestOf(unit, session, random.chance(0.9));
  await engine.runner.putPlan(session, digest, Uint8Array.of(1, 2, random.below(9)));
  await engine.runner.plan(session, random.chance(0.5) ? unit : undefined, digest);
});

function digestOf(unit: DirspaceKey, { run }: HistorySession, right: boolean): string {
  return `digest of ${unit} in ${right ? run.runId : "another run"}`;
}

const plans = withSession((world, session) => planAll(world, session, 0.8));

/** Reports a plan of each unit, with this chance for each. */
async function planAll(
  world: HistoryWorld,
  session: HistorySession,
  diligence: number,
): Promise<void> {
  const { random, engine } = world;
  if (session.run.kind === "apply" && random.chance(0.9)) return;
  for (const { dirspace: unit } of session.units) {
    if (!random.chance(diligence)) continue;
    const changed = random.chance(0.9);
    const planDigest = changed ? digestOf(unit, session, true) : undefined;
    const text = "a plan \ud800 with half a pair";
    const report: UnitReport = random.chance(0.9)
      ? { outcome: "planned", changed, planDigest, counts: COUNTS, changes: [], text }
      : failed(undefined);
    await settled(engine.runner.report(session, unit, report, random.below(5_000) + 0.4));
  }
}

export function failed(fence: number | undefined): UnitReport {
  const failure = { step: "plan", message: "it broke", tail: "", exitCode: 1, signal: null };
  return { outcome: "failed", failure, fence };
}

/** A report that no state of the work allows is an error of the database; both stores say so. */
async function settled(report: Promise<unknown>): Promise<void> {
  await report.catch((error: unknown) => {
    if (error instanceof Error && error.name === "Difference") throw error;
  });
}

const applies = withSession((world, session) => applyAll(world, session, 0.8));

async function applyAll(
  world: HistoryWorld,
  session: HistorySession,
  diligence: number,
): Promise<void> {
  const { random, engine } = world;
  for (const unit of session.units) {
    if (session.run.kind !== "apply" || !random.chance(diligence)) continue;
    const key = unit.dirspace;
    const digest = random.chance(0.95) ? (unit.plan?.digest ?? "") : "another";
    const granted = await engine.runner.grant(session, key, digest);
    if (granted.kind === "unavailable" || random.chance(0.1)) continue;
    const fence = granted.kind === "granted" ? granted.fence + (random.chance(0.05) ? 1 : 0) : 1;
    const report: UnitReport =
      granted.kind === "refused"
        ? { outcome: "not_started", because: granted.message }
        : random.chance(0.85)
          ? { outcome: "applied", fence, outputs: [], text: "" }
          : failed(fence);
    await settled(engine.runner.report(session, key, report, 10));
  }
}

const reportsLate = withSession(async (world, session) => {
  const { random, engine, twins } = world;
  const unit = unitOf(world, session);
  const work = await twins.runners.work(session.run.runId, unit);
  const report: UnitReport = random.pick([
    { outcome: "applied", fence: work?.fence ?? 1, outputs: [], text: "" },
    { outcome: "not_started", because: "it never began" },
    { outcome: "waiting", for: ["net:default" as DirspaceKey] },
    failed(work?.fence),
  ]);
  await settled(engine.runner.report(session, unit, report, 1));
});

const finishes = withSession(async ({ random, engine, twins }, session) => {
  const failure = random.chance(0.1) ? { message: "the job broke" } : undefined;
  const about = [random.pick(["a", "b"]).repeat(12)];
  const issue = { title: "Drift", body: "drifted", dedupe: "c".repeat(64), about };
  await twins.runners.finish(session, {
    failure,
    ...(random.chance(0.5) ? { issues: [issue] } : {}),
  });
  await engine.runner.finish(session, { failure });
});

export const RUNNER_ACTIONS: readonly (readonly [number, Action])[] = [
  [8, journeys],
  [4, besides],
  [14, worksThrough],
  [5, claims],
  [4, beats],
  [2, writes],
  [4, plans],
  [4, applies],
  [2, indexes],
  [2, reportsLate],
  [3, finishes],
];
