import { expect, test } from "vitest";
import { cliHost } from "../../../test/support/cli-host.ts";
import type { Host, ReplayReport } from "../host.ts";
import { replayCommand } from "./replay.ts";

const NOTHING: ReplayReport = {
  replayed: 0,
  same: 0,
  differences: 0,
  unreplayable: 0,
  different: [],
  notReplayable: [],
};
const DATABASE = ["--database-url", "postgres://127.0.0.1/terrane"];

async function run(report: ReplayReport, args: readonly string[]): Promise<readonly string[]> {
  const fake = cliHost({});
  const host: Host = { ...fake, replay: () => Promise.resolve(report) };
  await replayCommand(host).parseAsync(["node", "replay", ...DATABASE, ...args]);
  return fake.printed;
}

test.each([[["--repo", "acme/misspelt"]], [["--pull-request", "99"]]])(
  "a name without a single decision is no clean bill of health: %j",
  async (args) => {
    await expect(run(NOTHING, args)).rejects.toThrow("There is no decision");
    await expect(run(NOTHING, [...args, "--json"])).rejects.toThrow("There is no decision");
  },
);

test("a database without decisions is a new one, and that is said", async () => {
  expect(await run(NOTHING, [])).toEqual([
    "0 replayed, 0 the same, 0 different, 0 that cannot be replayed.",
  ]);
});

test("decisions that came out the same are counted", async () => {
  const printed = await run({ ...NOTHING, replayed: 7, same: 7 }, ["--repo", "acme/infra"]);
  expect(printed.join()).toContain("7 replayed, 7 the same");
});
