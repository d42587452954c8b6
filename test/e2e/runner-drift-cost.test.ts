import { beforeEach, expect, test } from "vitest";
import type { WorkHook } from "../../src/contract/step.ts";
import { PLAN_STEPS, run, unit, useRunner } from "../support/runner-lab.ts";
import { ScriptedTools } from "../support/scripted-tools.ts";

const its = useRunner();
let tools: ScriptedTools;
beforeEach(() => {
  tools = new ScriptedTools(its.lab.folder);
  tools.add(
    "stand-in-engine",
    `
const dir = require("node:path").basename(process.cwd());
const changed = dir !== "same";
if (argv[0] === "plan") {
  fs.writeFileSync(argv.find((a) => a.startsWith("-out=")).slice(5), "plan of " + dir);
  say("  ~ x." + dir + " = " + env.DB_PASSWORD + " at " + (env.MOMENT || "noon"));
  exit(changed ? 2 : 0);
}
if (argv[0] === "show" && argv[1] === "-json") {
  const change = { actions: [changed ? "update" : "no-op"] };
  say(JSON.stringify({ resource_changes: [{ address: "x." + dir, change }] }));
}
`,
  );
});

const engine = {
  name: "terraform",
  version: null,
  command: "stand-in-engine",
  collectOutputs: true,
} as const;
const PLAN = PLAN_STEPS.slice(1);
const DRIFT = (groupBy: "all" | "dirspace"): WorkHook => ({ type: "drift_create_issue", groupBy });

function repository() {
  const made = its.repository({ "a/x": "", "b/x": "", "same/x": "" });
  return { bare: made.bare, headSha: made.commit("feature", {}) };
}

interface DriftRun {
  readonly groupBy?: "all" | "dirspace";
  readonly trigger?: "pr" | "drift";
  readonly moment?: string;
}

async function issues(
  { bare, headSha }: ReturnType<typeof repository>,
  { groupBy = "all", trigger = "drift", moment = "noon" }: DriftRun,
) {
  const units = ["b", "a", "same"].map((dir) => unit(dir, { steps: PLAN, engine }));
  const env = { PATH: tools.path, DB_PASSWORD: "hunter2-5ecret", MOMENT: moment };
  const hooks = { pre: [], post: [DRIFT(groupBy)] };
  const ran = await its.job({ headSha, units, hooks, trigger }, bare, env);
  expect(ran, ran.log).toMatchObject({ code: 0 });
  return its.server.finishes[0]?.issues;
}

test("a drift run leaves one issue for all that drifted, masked, and the same digest while it stays the same", async () => {
  const made = repository();
  const [first, ...more] = (await issues(made, {})) ?? [];
  expect(more).toEqual([]);
  expect(first?.title).toBe("Drift detected");
  expect(first?.body).toMatch(/### `a` \+0 ~1 ±0 −0[^]*### `b`/);
  expect(first?.body).toContain("x.a = *** at noon");
  expect(first?.body).not.toContain("same");
  const [later] = (await issues(made, { moment: "night" })) ?? [];
  expect(later?.body).toContain("at night");
  expect(later?.dedupe).toBe(first?.dedupe);
});

test("issues are one for each dirspace where that is asked for", async () => {
  const made = repository();
  const found = (await issues(made, { groupBy: "dirspace" })) ?? [];
  expect(found.map(({ title }) => title)).toEqual(["Drift detected: a", "Drift detected: b"]);
  expect(new Set(found.map(({ dedupe }) => dedupe)).size).toBe(2);
  const [all] = (await issues(made, {})) ?? [];
  expect(found.flatMap(({ about = [] }) => about)).toEqual(all?.about);
});

test("a run of a pull request opens no issue", async () => {
  expect(await issues(repository(), { trigger: "pr" })).toBeUndefined();
});

const INFRACOST = `
say(JSON.stringify({ version: "0.2", currency: env.INFRACOST_CURRENCY, totalMonthlyCost: "112.5",
  pastTotalMonthlyCost: "100", diffTotalMonthlyCost: "12.5" }));
`;

async function planned(provider: "infracost" | "openinfraquote", env: Record<string, string> = {}) {
  const { bare, headSha } = repository();
  const units = [
    unit("a", { steps: [...PLAN, run(["true"])], engine }),
    unit("same", { steps: PLAN, engine }),
  ];
  const cost = { provider, currency: "EUR" };
  const ran = await its.job({ headSha, units, cost }, bare, {
    PATH: tools.path,
    DB_PASSWORD: "hunter2-5ecret",
    ...env,
  });
  expect(ran, ran.log).toMatchObject({ code: 0 });
  const result = its.result("a default", "planned");
  const report = result.steps?.find(({ step }) => step === "cost_estimation");
  return { cost: result.cost, report };
}

test("infracost is asked about the plan of a dirspace that changes, in the configured currency", async () => {
  tools.add("infracost", INFRACOST);
  const { cost, report } = await planned("infracost");
  expect(cost).toEqual({
    currency: "EUR",
    monthlyBefore: 100,
    monthlyAfter: 112.5,
    monthlyDifference: 12.5,
  });
  expect(report).toMatchObject({ outcome: "succeeded", visibleOn: "always" });
  expect(report?.text).toContain("100.00 before, 112.50 after (+12.50)");
  const calls = tools.calls("infracost");
  expect(calls).toHaveLength(1);
  const [plan] = Object.keys(calls[0]?.files ?? {});
  expect(calls[0]?.argv).toEqual(["breakdown", "--path", plan, "--format", "json", "--no-color"]);
  expect(calls[0]?.files[plan ?? ""]).toContain('"x.a"');
});

test("OpenInfraQuote matches the plan with the job's own prices, and tells the upper end", async () => {
  tools.add(
    "oiq",
    `
if (argv[0] === "match") fs.writeFileSync(argv[argv.indexOf("--output") + 1], "matches");
else say(JSON.stringify({ prev_price: { min: 1, max: 2 }, price: { min: 3, max: 5 }, price_diff: { min: 2, max: 3 } }));
`,
  );
  const { cost, report } = await planned("openinfraquote", {
    OIQ_PRICE_SHEET: "/prices.csv",
    AWS_REGION: "eu-central-1",
  });
  expect(cost).toEqual({
    currency: "USD",
    monthlyBefore: 2,
    monthlyAfter: 5,
    monthlyDifference: 3,
  });
  expect(report?.text).toContain("a range, from 3.00");
  const [match, price] = tools.calls("oiq").map(({ argv }) => argv);
  expect(match?.slice(0, 3)).toEqual(["match", "--pricesheet", "/prices.csv"]);
  const input = ["price", "--input", match?.[4], "--format", "json"];
  expect(price).toEqual(input.concat("--region", "eu-central-1"));
});

test.each([
  ["fails", "console.error('Invalid API key ' + env.DB_PASSWORD); exit(1);", "Invalid API key ***"],
  ["prints something else", "say('{}');", "not the JSON that was asked for"],
])("a cost estimate that %s is told and is nobody's failure", async (_what, script, text) => {
  tools.add("infracost", script);
  const { cost, report } = await planned("infracost");
  expect(cost).toBeUndefined();
  expect(report).toMatchObject({ outcome: "ignored", text: expect.stringContaining(text) });
});

test("without the program nothing is estimated, and nothing is said", async () => {
  expect(await planned("infracost")).toEqual({ cost: undefined, report: undefined });
});
