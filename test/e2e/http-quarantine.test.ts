import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type HttpLab, httpLab } from "../support/http-lab.ts";

let http: HttpLab;

beforeEach(async () => {
  http = await httpLab();
  // The first look remembers which cluster this is.
  await http.lab.engine.tick();
});

afterEach(() => http.close());

async function quarantine(): Promise<void> {
  const { database, engine } = http.lab;
  await sql`update cluster set timeline = timeline - 1`.execute(database.statements);
  await engine.tick();
}

test("the server tells of a quarantine, and that there is none", async () => {
  const said = async () => (await (await http.call("/api/v1/server")).json()) as unknown;
  expect(await said()).toMatchObject({ quarantine: null });
  await quarantine();
  expect(await said()).toMatchObject({
    quarantine: { since: expect.any(Number), because: expect.stringMatching(/became .*timeline/) },
  });
});

test("the metric of a quarantine is 1 in it, and 0 without", async () => {
  const metric = async () =>
    /^terrane_quarantine (.*)$/m.exec(await (await http.ask("/metrics")).text())?.[1];
  expect(await metric()).toBe("0");
  await quarantine();
  expect(await metric()).toBe("1");
});
