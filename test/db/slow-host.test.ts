import { sql } from "kysely";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createEngine } from "../../src/engine/engine.ts";
import { type EngineLab, engineLab } from "../support/engine-lab.ts";
import { FakeCi } from "../support/fake-vcs.ts";

let lab: EngineLab;
const FILES = ["net/main.tf"];

beforeEach(async () => {
  lab = await engineLab();
  lab.vcs.files = FILES;
});

afterEach(() => lab.close());

/** What there is so far; what comes next has an installation and a repository of its own. */
async function moveTo(host: string): Promise<void> {
  await sql`update installation set vcs = ${host}`.execute(lab.database.statements);
}

test("L36 a CI system that never answers keeps nobody from noticing a silent job of another host", async () => {
  for (const number of [1, 2]) {
    await lab.open(number, FILES);
    await lab.claim(number);
    if (number === 1) await moveTo("slow");
  }
  await sql`
    update attempt set created_at = created_at - interval '10 minutes',
      dispatched_at = dispatched_at - interval '10 minutes',
      claimed_at = claimed_at - interval '10 minutes', last_seen_at = null
  `.execute(lab.database.statements);
  const slow = new FakeCi();
  let answer = (): void => undefined;
  const silence = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const asked = vi.spyOn(slow, "status").mockImplementation(async () => {
    await silence;
    return { kind: "running" };
  });
  const engine = createEngine({
    ...lab.ports,
    vcs: { get: () => lab.vcs },
    ci: { get: (host) => (host === "slow" ? slow : lab.ci) },
  });
  const done = engine.tick();
  const silent = async () => {
    const { rows } = await sql<{ number: number }>`
      select pull_request.number from attempt join run on run.id = attempt.run_id
      join pull_request on pull_request.id = run.pull_request_id
      where attempt.silent_at is not null
    `.execute(lab.database.statements);
    return rows.map(({ number }) => number);
  };
  await expect.poll(silent, { timeout: 5_000 }).toContain(2);
  expect(asked).toHaveBeenCalled();
  answer();
  await done;
});
