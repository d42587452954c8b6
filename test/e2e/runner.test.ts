import { readdirSync } from "node:fs";
import { expect } from "vitest";
import type { WorkStep } from "../../src/contract/step.ts";
import {
  APPLY_STEPS,
  PLAN_STEPS,
  resource,
  run,
  terraform,
  unit,
  useRunner,
} from "../support/runner-lab.ts";

const its = useRunner();

terraform("S12 a plan is made, reviewed by digest, and exactly that plan is applied", async () => {
  const output = 'output "url" {\n  value = "https://example.com"\n}\n';
  const repository = its.repository({ "app/main.tf": `${resource("web", "v1")}${output}` });
  const headSha = repository.commit("feature", { "app/extra.tf": resource("extra", "x") });
  const plan = await its.job({ headSha, units: [unit("app")] }, repository.bare);
  expect(plan, plan.log).toMatchObject({ code: 0 });
  const planned = its.result("app default", "planned");
  expect(planned).toMatchObject({
    changed: true,
    counts: { create: 2, update: 0, delete: 0, outputs: 1 },
    changes: [
      { address: "terraform_data.extra", action: "create", replacePaths: [] },
      { address: "terraform_data.web", action: "create", replacePaths: [] },
    ],
  });
  expect(planned.text).toContain("2 to add, 0 to change, 0 to destroy");
  expect(its.server.outputOf({ dir: "app", workspace: "default" })).toContain("terraform init");
  expect(its.server.finishes).toEqual([{ failure: null, gates: [] }]);
  const planDigest = planned.planDigest ?? "";
  expect(its.server.plans.get(planDigest)?.includes("terraform_data")).toBe(false);

  const units = [unit("app", { steps: APPLY_STEPS, planDigest })];
  const apply = await its.job({ kind: "apply", headSha, units }, repository.bare);
  expect(apply, apply.log).toMatchObject({ code: 0 });
  expect(its.result("app default", "applied")).toMatchObject({
    fence: 41,
    outputs: [{ name: "url", sensitive: false, value: "https://example.com" }],
  });
  expect(its.server.grants).toEqual(["app default"]);

  await its.job({ headSha, units: [unit("app")] }, repository.bare);
  expect(its.result("app default", "planned")).toMatchObject({ changed: false, planDigest: null });
  expect(readdirSync(its.lab.workDir)).toEqual([]);
});

terraform("the base branch is merged in before a plan", async () => {
  const repository = its.repository({ "a/main.tf": resource("one", "1") });
  const headSha = repository.commit("feature", { "a/two.tf": resource("two", "2") });
  const baseSha = repository.commit("main", { "a/three.tf": resource("three", "3") });
  await its.job({ headSha, baseSha, units: [unit("a")] }, repository.bare);
  expect(its.result("a default", "planned").counts.create).toBe(3);
});

terraform("an output-only change is a change, and a replacement says what forces it", async () => {
  const replaced = 'resource "terraform_data" "r" {\n  triggers_replace = ["1"]\n}\n';
  const repository = its.repository({ "a/main.tf": replaced });
  const headSha = repository.commit("feature", {});
  await its.job({ headSha, units: [unit("a")] }, repository.bare);
  const planDigest = its.result("a default", "planned").planDigest;
  const units = [unit("a", { steps: APPLY_STEPS, planDigest })];
  await its.job({ kind: "apply", headSha, units }, repository.bare);
  its.result("a default", "applied");

  const withOutput = repository.commit("feature", { "a/out.tf": 'output "x" {\n  value = 1\n}\n' });
  await its.job({ headSha: withOutput, units: [unit("a")] }, repository.bare);
  expect(its.result("a default", "planned")).toMatchObject({
    changed: true,
    changes: [],
    counts: { create: 0, outputs: 1 },
  });

  const other = { "a/main.tf": replaced.replace('"1"', '"2"') };
  const headReplaced = repository.commit("feature", other);
  await its.job({ headSha: headReplaced, units: [unit("a")] }, repository.bare);
  expect(its.result("a default", "planned").changes).toEqual([
    { address: "terraform_data.r", action: "replace", replacePaths: ["triggers_replace"] },
  ]);
});

terraform("workspaces of one directory run side by side, each with its own state", async () => {
  const repository = its.repository({
    "a/main.tf": resource("w", "").replace('""', "terraform.workspace"),
  });
  const headSha = repository.commit("feature", {});
  const names = ["default", "eu-west", "us-east", "-dash"];
  const all = (more: object) => names.map((workspace) => unit("a", { workspace, ...more }));
  const first = await its.job({ headSha, units: all({}), parallel: 4 }, repository.bare);
  expect(first, first.log).toMatchObject({ code: 0 });
  const digests = names.map((name) => its.result(`a ${name}`, "planned").planDigest);
  const units = names.map((workspace, at) =>
    unit("a", { workspace, steps: APPLY_STEPS, planDigest: digests[at] ?? null }),
  );
  const apply = await its.job({ kind: "apply", headSha, units, parallel: 4 }, repository.bare);
  expect(apply, apply.log).toMatchObject({ code: 0 });
  const second = await its.job({ headSha, units: all({}), parallel: 4 }, repository.bare);
  expect(second, second.log).toMatchObject({ code: 0 });
  expect(names.map((name) => its.result(`a ${name}`, "planned").changed)).toEqual(
    names.map(() => false),
  );
});

terraform("a plan waits for predecessors with changes and names them, others go on", async () => {
  const repository = its.repository({
    "net/main.tf": resource("n", "1"),
    "app/main.tf": resource("a", "1"),
    "top/main.tf": resource("t", "1"),
    "empty/main.tf": "",
    "free/main.tf": resource("f", "1"),
  });
  const headSha = repository.commit("feature", {});
  const after = (dir: string) => [{ dir, workspace: "default" }];
  const units = [
    unit("top", { after: after("app") }),
    unit("app", { after: after("net") }),
    unit("net"),
    unit("empty"),
    unit("free", { after: after("empty") }),
  ];
  const ran = await its.job({ headSha, units, parallel: 1 }, repository.bare);
  expect(ran, ran.log).toMatchObject({ code: 0 });
  expect(its.result("net default", "planned").changed).toBe(true);
  expect(its.result("app default", "waiting").for).toEqual(after("net"));
  expect(its.result("top default", "waiting").for).toEqual(after("app"));
  expect(its.result("empty default", "planned").changed).toBe(false);
  expect(its.result("free default", "planned").changed).toBe(true);
});

terraform("applies run in order, and nothing starts after a failed predecessor", async () => {
  const broken =
    'resource "terraform_data" "b" {\n  provisioner "local-exec" {\n    command = "exit 3"\n  }\n}\n';
  const repository = its.repository({
    "one/main.tf": resource("o", "1"),
    "two/main.tf": broken,
    "three/main.tf": resource("t", "1"),
  });
  const headSha = repository.commit("feature", {});
  await its.job(
    { headSha, units: ["one", "two", "three"].map((dir) => unit(dir)) },
    repository.bare,
  );
  const digest = (dir: string) => its.result(`${dir} default`, "planned").planDigest;
  const after = (dir: string) => [{ dir, workspace: "default" }];
  const units = [
    unit("three", { steps: APPLY_STEPS, planDigest: digest("three"), after: after("two") }),
    unit("two", { steps: APPLY_STEPS, planDigest: digest("two"), after: after("one") }),
    unit("one", { steps: APPLY_STEPS, planDigest: digest("one") }),
  ];
  const ran = await its.job({ kind: "apply", headSha, units }, repository.bare);
  expect(ran.code).toBe(1);
  expect(its.server.grants).toEqual(["one default", "two default"]);
  its.result("one default", "applied");
  const failed = its.result("two default", "failed");
  expect(failed).toMatchObject({ fence: 42, failure: { step: "apply", exitCode: 1 } });
  expect(failed.failure.tail).toContain("exit status 3");
  expect(its.result("three default", "not_started").because).toContain('"two (default)"');
});

terraform("a refused grant leaves the unit alone and says why", async () => {
  const repository = its.repository({ "a/main.tf": resource("o", "1") });
  const headSha = repository.commit("feature", {});
  await its.job({ headSha, units: [unit("a")] }, repository.bare);
  const planDigest = its.result("a default", "planned").planDigest;
  its.server.script.grant = () => ({
    kind: "refused",
    code: "stale",
    message: "The plan is stale.",
  });
  const units = [unit("a", { steps: APPLY_STEPS, planDigest })];
  await its.job({ kind: "apply", headSha, units }, repository.bare);
  expect(its.result("a default", "not_started").because).toBe("The plan is stale.");
  expect(its.server.requests.some((each) => each.method === "GET")).toBe(false);
});

terraform("odd directory names work, and none leads out of the repository", async () => {
  const odd = ["with space", "-dash", "qu'ote\"s", "ünï/çødé", "$HOME", "a;b&c", "*", "x\ny"];
  const files = Object.fromEntries(odd.map((dir) => [`${dir}/main.tf`, resource("r", "1")]));
  const repository = its.repository({ ...files, "main.tf": resource("root", "1") });
  const headSha = repository.commit("feature", {});
  const units = [...odd, ".", "../..", "missing"].map((dir) => unit(dir));
  const ran = await its.job({ headSha, units }, repository.bare);
  for (const dir of [...odd, "."]) {
    expect(its.result(`${dir} default`, "planned").changed, ran.log).toBe(true);
  }
  expect(its.result("../.. default", "failed").failure.message).toContain("leads out");
  expect(its.result("missing default", "failed").failure.message).toContain("does not exist");
});

terraform(
  "steps of a workflow see their variables and run on success, failure or always",
  async () => {
    const repository = its.repository({
      "a/main.tf": resource("r", "1"),
      "a/vars.sh": "export FROM_SCRIPT=sourced\n",
    });
    const headSha = repository.commit("feature", {});
    const env = { sensitive: false, trimTrailingNewlines: true };
    const say = (text: string) => run(["sh", "-c", 'printf "%s\\n" "$1"', "sh", text]);
    const steps: WorkStep[] = [
      { type: "env", method: "exec", name: "SHA", cmd: ["printf", "abc\\n\\n"], ...env },
      { type: "env", method: "source", name: null, cmd: ["./vars.sh"], ...env },
      say("<$SHA> <${FROM_SCRIPT}> <$$HOME> <$TERRATEAM_DIR> <$TERRANE_WORKSPACE>"),
      run(["sh", "-c", "echo $(echo substituted) $1", "sh", "one"]),
      run(["false"], { ignoreErrors: true }),
      ...PLAN_STEPS,
      run(["sh", "-c", 'test -s "$1"', "sh", "$TERRATEAM_PLAN_FILE"]),
      run(["sh", "-c", "exit 7"]),
      run(["echo", "not", "on", "failure"]),
      run(["echo", "handler ran"], { runOn: "failure" }),
      run(["echo", "always ran"], { runOn: "always" }),
    ];
    await its.job({ headSha, units: [unit("a", { steps })] }, repository.bare);
    const failed = its.result("a default", "failed");
    expect(failed.failure).toMatchObject({ step: "run", exitCode: 7 });
    const log = its.server.outputOf({ dir: "a", workspace: "default" });
    expect(log).toContain("<abc> <sourced> <$HOME> <a> <default>");
    expect(log).toContain("substituted one");
    expect(log).toContain("handler ran");
    expect(log).toContain("always ran");
    expect(log).not.toContain("not on failure");
  },
);

terraform("a missing variable and a missing program fail the step with what to do", async () => {
  const repository = its.repository({ "a/main.tf": "", "b/main.tf": "" });
  const headSha = repository.commit("feature", {});
  const units = [
    unit("a", { steps: [run(["echo", "$NOT_THERE"])] }),
    unit("b", { steps: [run(["no-such-program-here"])] }),
  ];
  await its.job({ headSha, units }, repository.bare);
  expect(its.result("a default", "failed").failure.message).toMatch(
    /^ERROR: Missing environment variable: NOT_THERE\./,
  );
  expect(its.result("b default", "failed").failure.message).toContain("no-such-program-here");
});

terraform("a directory that says where its state is keeps it there", async () => {
  const backend = 'terraform {\n  backend "local" {\n    path = "own.tfstate"\n  }\n}\n';
  const repository = its.repository({
    "a/main.tf": `${backend}${resource("r", "1")}`,
    "b/main.tf": `# terraform { backend "s3" {} }\n${resource("r", "1")}`,
  });
  const headSha = repository.commit("feature", {});
  const cat = run(["sh", "-c", "ls; cat terrane_state_override.tf"], { ignoreErrors: true });
  const steps = [...PLAN_STEPS, cat];
  const units = [unit("a", { steps }), unit("b", { steps })];
  await its.job({ headSha, units }, repository.bare);
  const log = (dir: string) => its.server.outputOf({ dir, workspace: "default" });
  expect(log("a")).not.toContain("workspace_dir");
  expect(log("b")).toContain("workspace_dir");
});
