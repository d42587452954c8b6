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
    throw new Error(`${said.join("\n").slice(-12_000)}\n${String(error)}`, { cause: error });
  });
  if (process.env["HA_SAY"])
    process.stderr.write(`${said.join("\n")}\n${JSON.stringify(report)}\n`);
  return { ...report, said: said.join("\n") };
}

test.skipIf(!HAS_PGBOUNCER)(
  "S1 S20 S25 S26 three servers behind PgBouncer survive the end of their primary: nothing acknowledged is lost, nothing is done twice",
  async () => {
    const report = await run(true);
    expect(report).toMatchObject({
      lost: 0,
      duplicateEffects: 0,
      doubleApplies: 0,
      stuck: [],
      because: expect.stringMatching(/timeline 1 became .*timeline 2/),
      quarantines: { count: 1, over: true },
      appliesMeanwhile: 0,
    });
    expect(report.acknowledged).toBeGreaterThan(0);
  },
  LIMIT_MS,
);
