import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { chaos } from "../support/chaos/chaos.ts";

/** Minutes count in CI; `npm run chaos` kills a hundred times. A failing seed is given again as CHAOS_SEED. */
const KILLS = Number(process.env["CHAOS_KILLS"] ?? 8);
const SEED = Number(process.env["CHAOS_SEED"] ?? Math.trunc(performance.timeOrigin) % 1_000_000);
const MINUTES = 60_000;

const able = (() => {
  if (process.platform !== "linux") return false;
  try {
    execFileSync("terraform", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!able)("while server, database, runner and terraform are killed", () => {
  test(
    "S1 S20 L39 every pull request ends applied and merged, nothing applied twice, no lock left",
    async () => {
      const said: string[] = [`seed ${SEED}`];
      const report = await chaos({
        seed: SEED,
        kills: KILLS,
        say: (text) => said.push(text),
      }).catch((error: unknown) => {
        throw new Error(`${said.join("\n").slice(-8_000)}\n${String(error)}`);
      });
      expect({ ...report, seed: SEED }).toMatchObject({
        seed: SEED,
        overlaps: 0,
        plansAppliedTwice: 0,
        locksLeft: 0,
      });
      const kills = Object.values(report.kills).reduce((sum, one) => sum + one, 0);
      expect(kills).toBeGreaterThanOrEqual(KILLS);
      // Every journey applied its four directories: what was killed was done again, once.
      expect(report.grants).toBeGreaterThanOrEqual(report.journeys * 4);
    },
    15 * MINUTES,
  );
});
