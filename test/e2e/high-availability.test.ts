import { expect, test } from "vitest";
import { failover } from "../support/faults/failover.ts";
import { HAS_PGBOUNCER } from "../support/pgbouncer.ts";

const SEED = Number(process.env["FAULTS_SEED"] ?? Math.trunc(performance.timeOrigin) % 1_000_000);
const LIMIT_MS = 10 * 60_000;

async function run(synchronous: boolean) {
  const said: string[] = [`seed ${SEED}`];
  const report = await failover({
    seed: SEED,
    synchronous,
    seconds: 8,
    say: (text) => said.push(text),
  }).catch((error: unknown) => {
    throw new Error(`${said.join("\n").slice(-12_000)}\nseed ${SEED}: ${String(error)}`, {
      cause: error,
    });
  });
  if (process.env["HA_SAY"])
    process.stderr.write(`${said.join("\n")}\n${JSON.stringify(report)}\n`);
  // The delivery is not stored, and whoever sent it knows.
  const refused = report.answersOfStandby.filter(({ status }) => status !== 0);
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 503));
  expect(refused.every(({ retryAfter }) => Number(retryAfter) > 0)).toBe(true);
  expect(report.appliesBefore).toBeGreaterThan(0);
  expect(report.acknowledged).toBeGreaterThan(0);
  return { ...report, said: said.join("\n") };
}

const ALWAYS = {
  duplicateEffects: 0,
  doubleApplies: 0,
  stuck: [],
  because: expect.stringMatching(/timeline 1 became .*timeline 2/),
  quarantines: { count: 1, over: true },
  appliesMeanwhile: 0,
} as const;

test.skipIf(!HAS_PGBOUNCER)(
  "S1 S20 S25 S26 three servers behind PgBouncer survive the end of their primary: nothing acknowledged is lost, nothing is done twice",
  async () => {
    const report = await run(true);
    expect(report, report.said.slice(-8_000)).toMatchObject({ ...ALWAYS, lost: 0 });
    expect(report.appliesInFlight).toBeGreaterThan(0);
  },
  LIMIT_MS,
);

test.skipIf(!HAS_PGBOUNCER)(
  "S1 S2 S20 a standby that had fallen behind loses only what was acknowledged since, and nothing is done twice",
  async () => {
    const report = await run(false);
    expect(report, report.said.slice(-8_000)).toMatchObject({ ...ALWAYS, lostBeforeLag: 0 });
  },
  LIMIT_MS,
);
