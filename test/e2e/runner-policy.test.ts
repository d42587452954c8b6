import { beforeEach, expect, test } from "vitest";
import type { Gate, WorkStep } from "../../src/contract/step.ts";
import { PLAN_STEPS, resource, run, terraform, unit, useRunner } from "../support/runner-lab.ts";
import { ScriptedTools } from "../support/scripted-tools.ts";

const its = useRunner();
let tools: ScriptedTools;
beforeEach(() => {
  tools = new ScriptedTools(its.lab.folder);
});

type Policy = Extract<WorkStep, { type: "policy" }>;

const GATE: Gate = {
  token: "security",
  name: "security review",
  allOf: [],
  anyOf: ["team:security"],
  anyOfCount: 1,
  addReviewers: false,
};

function policy(tool: Policy["tool"], more: Partial<Policy> = {}): Policy {
  return {
    type: "policy",
    tool,
    env: {},
    extraArgs: tool === "checkov" ? ["--quiet", "--compact"] : [],
    gate: null,
    ignoreErrors: false,
    runOn: "success",
    visibleOn: "failure",
    failOn: tool === "opa" ? "undefined" : null,
    ...more,
  };
}

/** A stand-in engine: its plan names the directory, and every command it gets is written down. */
function engineStandIn(): void {
  tools.add(
    "stand-in-engine",
    `
const dir = require("node:path").basename(process.cwd());
if (argv[0] === "plan") {
  fs.writeFileSync(argv.find((a) => a.startsWith("-out=")).slice(5), "plan of " + dir);
  exit(2);
}
if (argv[0] === "show" && argv[1] === "-json") {
  say(JSON.stringify({ terraform_version: "1.9.0", dir, resource_changes: [
    { address: "x." + dir, change: { actions: ["create"] } } ] }));
}
`,
  );
}

const engine = {
  name: "terraform",
  version: null,
  command: "stand-in-engine",
  collectOutputs: true,
} as const;
const PLAN = PLAN_STEPS[1] as WorkStep;

test("runner defect 1: each policy tool reads the plan of its own dirspace, also side by side", async () => {
  engineStandIn();
  const slow = "setTimeout(() => exit(0), 300);";
  for (const tool of ["checkov", "conftest", "opa"]) tools.add(tool, slow);
  const dirs = ["a", "b", "c"];
  const repository = its.repository(Object.fromEntries(dirs.map((dir) => [`${dir}/x`, ""])));
  const headSha = repository.commit("feature", {});
  const steps = [
    PLAN,
    policy("checkov"),
    policy("conftest", { extraArgs: ["-p", "$TERRANE_ROOT/policy"] }),
    policy("opa", { extraArgs: ["-d", "policy", "data.main.allow"] }),
  ];
  const units = dirs.map((dir) => unit(dir, { steps, engine }));
  const ran = await its.job({ headSha, units, parallel: 3 }, repository.bare, { PATH: tools.path });
  expect(ran, ran.log).toMatchObject({ code: 0 });
  for (const tool of ["checkov", "conftest", "opa"]) {
    const seen = tools.calls(tool).map(({ cwd, files }) => {
      const [json] = Object.values(files);
      const { dir } = JSON.parse(json ?? "{}") as { dir: string };
      return `${cwd.split("/").at(-1)} reads ${dir}`;
    });
    expect(new Set(seen)).toEqual(new Set(dirs.map((dir) => `${dir} reads ${dir}`)));
    expect(seen).toHaveLength(dirs.length);
  }
  const [checkov] = tools.calls("checkov");
  const file = checkov?.argv.at(-1) ?? "";
  expect(checkov?.argv).toEqual(["--quiet", "--compact", "-f", file]);
  const [conftest] = tools.calls("conftest");
  const root = conftest?.env["TERRANE_ROOT"] ?? "";
  const mine = (argv: readonly string[] = []) =>
    argv.map((a) => (a.endsWith(".json") ? "PLAN" : a));
  expect(mine(conftest?.argv)).toEqual([
    "test",
    "--ignore",
    ".git",
    "-p",
    `${root}/policy`,
    "PLAN",
  ]);
  expect(mine(tools.calls("opa")[0]?.argv)).toEqual(
    "eval --fail --format json --ignore .git -i PLAN -d policy data.main.allow".split(" "),
  );
  const shows = tools.calls("stand-in-engine").filter(({ argv }) => argv[1] === "-json");
  expect(shows).toHaveLength(dirs.length);
});

terraform("a policy tool gets the JSON of a real plan", async () => {
  tools.add("conftest", "exit(0);");
  const repository = its.repository({ "a/main.tf": resource("r", "1") });
  const headSha = repository.commit("feature", {});
  const units = [unit("a", { steps: [...PLAN_STEPS, policy("conftest")] })];
  await its.job({ headSha, units }, repository.bare, { PATH: tools.path });
  const [json] = Object.values(tools.calls("conftest")[0]?.files ?? {});
  expect(JSON.parse(json ?? "{}")).toMatchObject({
    resource_changes: [{ address: "terraform_data.r", change: { actions: ["create"] } }],
  });
  const { facts, steps } = its.result("a default", "planned");
  expect(facts).toMatchObject({
    providers: [{ source: "terraform.io/builtin/terraform", version: null }],
    tool: expect.stringMatching(/^terraform \d+\./),
    inputs: { code: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  expect(steps?.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
    "init succeeded",
    "plan succeeded",
    "conftest succeeded",
  ]);
});

interface Case {
  readonly name: string;
  readonly step: Policy;
  readonly tool: string;
  readonly env?: Record<string, string>;
  readonly message?: RegExp;
  readonly outcome: "failed" | "gated" | "ignored";
}

const FAILS = "say('FAIL - bucket is public'); exit(1);";
const CASES: readonly Case[] = [
  {
    name: "a failing check fails the dirspace",
    step: policy("conftest"),
    tool: FAILS,
    message: /conftest ended with exit code 1/,
    outcome: "failed",
  },
  {
    name: "with a gate it asks for an approval instead",
    step: policy("checkov", { gate: GATE, ignoreErrors: true }),
    tool: FAILS,
    outcome: "gated",
  },
  {
    name: "ignored errors do not count",
    step: policy("conftest", { ignoreErrors: true, visibleOn: "always" }),
    tool: FAILS,
    outcome: "ignored",
  },
  {
    name: "opa says when its query has no answer",
    step: policy("opa"),
    tool: "say('{}'); exit(1);",
    message: /The query has no answer, and `fail_on` is `undefined`/,
    outcome: "failed",
  },
  {
    name: "opa says when its query has an answer that is a failure",
    step: policy("opa", { failOn: "defined" }),
    tool: "if (!argv.includes('--fail-defined')) exit(0); say('{\"result\":[1]}'); exit(1);",
    message: /The query has an answer, and `fail_on` is `defined`/,
    outcome: "failed",
  },
  {
    name: "opa says when the policy cannot be read",
    step: policy("opa"),
    tool: 'say(\'{"errors":[{"message":"1 error occurred: rego_parse_error"}]}\'); exit(2);',
    message: /could not be evaluated: 1 error occurred: rego_parse_error/,
    outcome: "failed",
  },
  {
    name: "runner defect 17: another version of Checkov than CHECKOV_VERSION asks for is refused",
    step: policy("checkov", { env: { CHECKOV_VERSION: "3.2.1" } }),
    tool: "if (argv[0] === '--version') say('2.5.10'); exit(0);",
    message: /CHECKOV_VERSION is 3\.2\.1, but this job has checkov 2\.5\.10/,
    outcome: "failed",
  },
  {
    name: "runner defect 17: another version of Conftest than CONFTEST_VERSION asks for is refused",
    step: policy("conftest"),
    tool: "if (argv[0] === '--version') say('Conftest: v0.58.0\\nOPA: 1.7.1'); exit(0);",
    env: { CONFTEST_VERSION: "v0.60.0" },
    message: /CONFTEST_VERSION is 0\.60\.0, but this job has conftest 0\.58\.0/,
    outcome: "failed",
  },
  {
    name: "runner defect 15: a policy step has the variables of its env",
    step: policy("conftest", { env: { LEVEL: "of $TERRANE_DIR" } }),
    tool: "say(env.LEVEL); exit(env.LEVEL === 'of a' ? 3 : 0);",
    message: /exit code 3/,
    outcome: "failed",
  },
];

test.each(CASES)("$name", async ({ step, tool, env = {}, message, outcome }) => {
  engineStandIn();
  tools.add(step.tool, tool);
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const units = [unit("a", { steps: [PLAN, step, run(["true"])], engine })];
  await its.job({ headSha, units, keepsGates: true }, repository.bare, {
    PATH: tools.path,
    ...env,
  });
  const result = its.result("a default", outcome === "failed" ? "failed" : "planned");
  const report = result.steps?.find((each) => each.step === step.tool);
  expect(report).toMatchObject({ outcome, visibleOn: step.visibleOn });
  if (result.outcome === "planned") {
    expect(result.gates).toEqual(outcome === "gated" ? [GATE] : undefined);
    expect(report?.text).toContain("bucket is public");
    expect(result.steps?.at(-1)?.outcome).toBe("succeeded");
  } else if (message !== undefined) expect(result.failure.message).toMatch(message);
});

test("a policy tool that is not there fails its step, and says that nothing was checked", async () => {
  engineStandIn();
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const units = [unit("a", { steps: [PLAN, policy("checkov")], engine })];
  await its.job({ headSha, units }, repository.bare, { PATH: tools.path });
  expect(its.result("a default", "failed").failure).toMatchObject({
    step: "checkov",
    message: expect.stringContaining("checkov was not found on PATH, so nothing was checked"),
  });
});

test("a policy step before the plan says where it belongs", async () => {
  engineStandIn();
  tools.add("opa", "exit(0);");
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const units = [unit("a", { steps: [policy("opa"), PLAN], engine })];
  await its.job({ headSha, units }, repository.bare, { PATH: tools.path });
  expect(its.result("a default", "failed").failure.message).toContain(
    "Put the step after the plan",
  );
  expect(tools.calls("opa")).toEqual([]);
});
