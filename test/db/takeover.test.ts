import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { DirspaceKey } from "../../src/core/change/dirspace.ts";
import { type EngineLab, engineLab } from "../support/engine-lab.ts";

const UNIT = "net:default" as DirspaceKey;
const FILES = ["net/main.tf"];

let lab: EngineLab;

beforeEach(async () => {
  lab = await engineLab();
  lab.vcs.files = FILES;
});

afterEach(() => lab.close());

test("S3 S26 what a job asked for before another one claimed its attempt is not given to it", async () => {
  await lab.open(1, FILES);
  await lab.plans(await lab.claim());
  await lab.say(1, "bob", "terrane apply");
  const { attempt, repository } = present(lab.ci.started.at(-1), "an apply was started");
  const claim = async (ciRun: string) => {
    const token = `${repository.id}/${ciRun}/${randomUUID()}`;
    const claimed = await lab.engine.runner.claim(attempt, token, "audience");
    if (claimed.kind !== "claimed") throw new Error(`the claim was ${claimed.kind}`);
    const session = await lab.engine.runner.session(claimed.credential);
    return { ...present(session, "its credential is good"), run: claimed.run };
  };
  // The answer to the first dispatch was lost: nobody knows which CI run it started.
  await sql`update attempt set ci_run = null where id = ${attempt}`.execute(
    lab.database.statements,
  );
  const first = await claim("ci-first");
  await lab.ports.store.attemptStarted(attempt, "ci-second", undefined);
  const second = await claim("ci-second");
  const digest = second.run.units[0]?.plan?.digest ?? "";
  const { runner } = lab.engine;
  expect(await runner.grant(first, UNIT, digest)).toMatchObject({ code: "RUN_OVER" });
  expect(await runner.grant(second, UNIT, digest)).toMatchObject({ kind: "granted" });
  await runner.finish(first, { failure: undefined });
  await lab.drain();
  const { rows } = await sql`
    select run.state, work.state as work from run join work on work.run_id = run.id where run.kind = 'apply'
  `.execute(lab.database.statements);
  expect(rows).toEqual([{ state: "running", work: "granted" }]);
});
