import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { AttemptId } from "../../src/core/ids.ts";
import { createEngine } from "../../src/engine/engine.ts";
import { type EngineLab, engineLab } from "../support/engine-lab.ts";

let lab: EngineLab;
let number = 0;

beforeAll(async () => {
  lab = await engineLab(undefined, { codeMs: 60_000 });
});

afterAll(async () => {
  await lab.close();
});

afterEach(() => {
  lab.ci.deliversCodes = false;
});

interface Started {
  readonly attempt: AttemptId;
  readonly code: string;
}

/** A pull request with a directory of its own, which is planned at once. */
async function opened(): Promise<void> {
  number += 1;
  const file = `app-${number}/main.tf`;
  lab.vcs.files = [...lab.vcs.files, file];
  await lab.open(number, [file]);
}

/** A job that was started with a code. */
async function started(): Promise<Started> {
  lab.ci.deliversCodes = true;
  await opened();
  const { attempt, code } = present(lab.ci.started.at(-1), "nothing started");
  return { attempt, code: present(code, "no code") };
}

const show = (attempt: AttemptId, code: string) =>
  lab.engine.runner.claim(attempt, code, "audience");

test("P6 a code opens its attempt, and what it gets works like any other credential", async () => {
  const { attempt, code } = await started();
  const claimed = await show(attempt, code);
  if (claimed.kind !== "claimed") throw new Error(JSON.stringify(claimed));
  const session = present(await lab.engine.runner.session(claimed.credential), "no session");
  expect(await lab.engine.runner.heartbeat(session, [])).toEqual({ cancel: false });
  // The CI system's word about which run it started comes once more, and takes nothing away.
  await lab.started(attempt, `ci-${attempt}`);
  expect(await lab.engine.runner.session(claimed.credential)).toBeDefined();
});

test("P6 nothing in the database opens an attempt", async () => {
  const { attempt, code } = await started();
  const { rows } = await sql<{ row: string }>`
    select attempt::text as row from attempt where id = ${attempt}
    union all select event::text from event union all select outbox::text from outbox
  `.execute(lab.database.statements);
  expect(rows.length).toBeGreaterThan(2);
  const secret = code.replace("terrane_code_", "");
  const hidden = [secret, Buffer.from(secret, "base64url").toString("hex")];
  for (const { row } of rows) for (const each of hidden) expect(row).not.toContain(each);
  const other = await started();
  expect(other.code).not.toBe(code);
});

const codeOf = (outcome: object) => ("code" in outcome ? outcome.code : "");

test("T6 a code is good once, also for whoever got no answer to the first time", async () => {
  const { attempt, code } = await started();
  expect((await show(attempt, code)).kind).toBe("claimed");
  const again = await show(attempt, code);
  expect(again).toMatchObject({
    kind: "refused",
    status: 409,
    code: "CODE_USED",
    message: expect.stringContaining("A re-run of a CI job cannot continue an old run"),
  });
});

test("S26 of claims with one code at the same moment exactly one gets the work", async () => {
  const { attempt, code } = await started();
  const all = await Promise.all(Array.from({ length: 6 }, () => show(attempt, code)));
  const kinds = all.map((one) => (one.kind === "refused" ? one.code : one.kind)).toSorted();
  expect(kinds).toEqual([...Array<string>(5).fill("CODE_USED"), "claimed"]);
});

test("each way in which a code opens nothing has words of its own", async () => {
  const one = await started();
  const two = await started();
  expect(codeOf(await show(two.attempt, one.code))).toBe("CODE_OTHER_ATTEMPT");
  expect(codeOf(await show(one.attempt, `${one.code}x`))).toBe("CODE_UNKNOWN");
  expect(codeOf(await show(one.attempt, "terrane_code_"))).toBe("CODE_UNKNOWN");
  expect(codeOf(await show("none" as AttemptId, one.code))).toBe("UNKNOWN_ATTEMPT");
  await sql`
    update attempt set code_expires_at = now() - interval '1 second' where id = ${one.attempt}
  `.execute(lab.database.statements);
  expect(codeOf(await show(one.attempt, one.code))).toBe("CODE_EXPIRED");
  const off = createEngine({ ...lab.ports, limits: { ...lab.ports.limits, codeMs: undefined } });
  const refused = await off.runner.claim(two.attempt, two.code, "audience");
  expect(codeOf(refused)).toBe("CODE_SWITCHED_OFF");
  // None of this has used up what was not opened.
  expect((await show(two.attempt, two.code)).kind).toBe("claimed");
});

test("S26 until the CI system has said which run it started a code waits", async () => {
  const { answer } = lab.ci;
  lab.ci.answer = () => ({ kind: "started", ciRun: undefined, url: undefined });
  const { attempt, code } = await started();
  lab.ci.answer = answer;
  expect((await show(attempt, code)).kind).toBe("unavailable");
  await lab.started(attempt, `ci-${attempt}`);
  expect((await show(attempt, code)).kind).toBe("claimed");
});

test("S26 a job with an identity token and one with the code do not both get the work", async () => {
  const { attempt, code } = await started();
  expect((await lab.claim(number)).attempt).toBe(attempt);
  const late = await show(attempt, code);
  expect(codeOf(late)).toBe("CODE_USED");
});

test("a CI system that cannot hide a code gets none, and neither does one while codes are off", async () => {
  await opened();
  expect(present(lab.ci.started.at(-1), "nothing started").code).toBeUndefined();
  const plain = await engineLab();
  plain.ci.deliversCodes = true;
  plain.vcs.files = ["app/main.tf"];
  await plain.open(1, ["app/main.tf"]);
  expect(present(plain.ci.started.at(-1), "nothing started").code).toBeUndefined();
  await plain.close();
});

test("S25 a start that is repeated brings the same code", async () => {
  const { answer } = lab.ci;
  const codes: (string | undefined)[] = [];
  lab.ci.answer = (job) => {
    codes.push(job.code);
    if (codes.length > 1) return answer(job);
    return { kind: "unavailable", message: "the answer was lost", retryAfterMs: 0 };
  };
  lab.ci.deliversCodes = true;
  await opened();
  for (let looks = 0; codes.length < 2 && looks < 20; looks++) {
    await sql`update outbox set not_before = now() where done < wanted`.execute(
      lab.database.statements,
    );
    await lab.drain();
  }
  lab.ci.answer = answer;
  expect(codes).toHaveLength(2);
  expect(codes[0]).toBe(codes[1]);
});
