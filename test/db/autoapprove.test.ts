import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EngineLab, engineLab } from "../support/engine-lab.ts";

let lab: EngineLab;

beforeAll(async () => {
  lab = await engineLab();
  lab.vcs.files = ["net/main.tf", "db/main.tf", "dns/main.tf"];
  lab.vcs.config =
    "access_control:\n  policies: [{tag_query: '', apply_autoapprove: ['user:bob']}]\n";
});

afterAll(() => lab.close());

test("S5 S18 an apply without a reviewed plan takes its grant once, and says that nobody reviewed one", async () => {
  await lab.open(1, ["net/main.tf"]);
  await lab.plans(await lab.claim(1));
  await lab.say(1, "bob", "terrane apply-autoapprove");
  const session = await lab.claim(1);
  expect(session.run).toMatchObject({ kind: "apply", autoApprove: true });
  const [unit] = session.run.units;
  if (unit === undefined) throw new Error("the run has a unit");
  expect(unit.plan).toBeUndefined();
  const { runner } = lab.engine;
  const swapped = await runner.grant(session, unit.dirspace, "a".repeat(64));
  expect(swapped).toMatchObject({ kind: "refused", code: "PLAN_SWAPPED" });
  const granted = await runner.grant(session, unit.dirspace, undefined);
  if (granted.kind !== "granted") throw new Error(JSON.stringify(granted));
  const again = await runner.grant(session, unit.dirspace, undefined);
  expect(again).toMatchObject({ kind: "refused", code: "GRANT_USED" });
  const { rows } = await sql<{ plan_digest: string | null; evidence: unknown }>`
    select plan_digest, evidence from apply_grant where run_id = ${session.run.runId}
  `.execute(lab.database.statements);
  expect(rows).toEqual([
    { plan_digest: null, evidence: expect.objectContaining({ autoApproved: true, forced: false }) },
  ]);
  const { fence } = granted;
  await runner.report(
    session,
    unit.dirspace,
    { outcome: "applied", fence, outputs: [], text: "" },
    1,
  );
  await runner.finish(session, { failure: undefined });
  await lab.drain();
  expect(lab.vcs.comments.get("1:terrane")).toContain("without a reviewed plan");
});

test("S12 an ordinary apply gets no grant without its plan", async () => {
  await lab.open(2, ["db/main.tf"]);
  await lab.plans(await lab.claim(2));
  await lab.say(2, "bob", "terrane apply");
  const session = await lab.claim(2);
  const unit = session.run.units[0]?.dirspace;
  if (unit === undefined) throw new Error("the run has a unit");
  const granted = await lab.engine.runner.grant(session, unit, undefined);
  expect(granted).toMatchObject({ kind: "refused", code: "PLAN_SWAPPED" });
});

test("S18 the database refuses a grant without a plan that does not say why", async () => {
  const insert = sql`
    insert into apply_grant (dirspace_id, fence, run_id, attempt_id, head_sha, evidence)
    select dirspace_id, 99, run_id, attempt_id, head_sha, '{}' from apply_grant
  `.execute(lab.database.statements);
  await expect(insert).rejects.toMatchObject({ constraint: "apply_grant_plan" });
});

test("an existing runner is not started for an apply without a plan, and the run says why", async () => {
  await lab.open(3, ["dns/main.tf"]);
  await lab.plans(await lab.claim(3));
  const started = lab.ci.started.length;
  lab.ci.answer = () => ({
    kind: "existing_runner",
    workflow: "terrane.yml",
    path: "ci/old.yml",
  });
  await lab.say(3, "bob", "terrane apply-autoapprove");
  expect(lab.ci.started).toHaveLength(started);
  const { rows } = await sql<{ outcome: string; because: string }>`
    select run.outcome, work.because from run join work on work.run_id = run.id
    where run.auto_approve order by run.created_at desc limit 1
  `.execute(lab.database.statements);
  expect(rows).toEqual([
    { outcome: "failed", because: expect.stringContaining("cannot apply without a plan") },
  ]);
});
