import type { AttemptId } from "../../../src/core/ids.ts";
import type { UnitReport } from "../../../src/core/run/report.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import type { ClaimedRun, Session } from "../../../src/ports/runner-store.ts";
import { COUNTS, digestOf } from "../engine-lab.ts";
import type { GitHubDouble } from "../github-double/index.ts";
import { finishRun, startRun } from "../github-double/scene.ts";
import type { WorkflowRun } from "../github-double/world.ts";

export interface JobOf {
  readonly double: GitHubDouble;
  readonly engine: Engine;
  readonly after: (ms: number, what: () => Promise<unknown>) => void;
  readonly worksMs: number;
}

/** A job that claims at once, works for its time, and then reports all of its dirspaces and that it is done. */
export async function workJob(its: JobOf, run: WorkflowRun): Promise<void> {
  const { double, engine, after, worksMs } = its;
  await startRun(double, run);
  const attempt = (run.inputs["attempt"] ?? "") as AttemptId;
  const token = `${run.repository.id}/${run.id}/${attempt}`;
  const claimed = await engine.runner.claim(attempt, token, "audience");
  if (claimed.kind !== "claimed") {
    await finishRun(double, run, "failure");
    return;
  }
  const session = await engine.runner.session(claimed.credential);
  if (session === undefined) throw new Error("the credential opens nothing");
  after(worksMs, async () => {
    await (claimed.run.kind === "plan" ? plan : apply)(engine, session, claimed.run);
    await engine.runner.finish(session, { failure: undefined });
    // GitHub says it once the last steps are over.
    after(1_000, () => finishRun(double, run, "success"));
  });
}

async function plan(engine: Engine, session: Session, { units, runId }: ClaimedRun): Promise<void> {
  for (const { dirspace } of units) {
    const planDigest = digestOf(dirspace, runId);
    await engine.runner.putPlan(session, planDigest, Buffer.from("sealed"));
    const report: UnitReport = {
      outcome: "planned",
      changed: true,
      planDigest,
      counts: COUNTS,
      changes: [],
      text: "",
    };
    await engine.runner.report(session, dirspace, report, 5);
  }
}

async function apply(engine: Engine, session: Session, { units }: ClaimedRun): Promise<void> {
  for (const { dirspace, plan: reviewed } of units) {
    const granted = await engine.runner.grant(session, dirspace, reviewed?.digest ?? "");
    if (granted.kind !== "granted") throw new Error(JSON.stringify(granted));
    const report: UnitReport = { outcome: "applied", fence: granted.fence, outputs: [], text: "" };
    await engine.runner.report(session, dirspace, report, 5);
  }
}
