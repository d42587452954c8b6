import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { WorkEngine } from "../../src/contract/engine.ts";
import type { WorkStep } from "../../src/contract/step.ts";
import { standIns } from "../support/engine-stand-ins.ts";
import { APPLY_STEPS, unit, useRunner } from "../support/runner-lab.ts";

// Custom engines are programs of the user; here they are stand-ins and the shell.
const its = useRunner();
const { path, standIn, planAndApply } = standIns(its);

function custom(more: Partial<Extract<WorkEngine, { name: "custom" }>> = {}) {
  const none = {
    init: null,
    plan: null,
    diff: null,
    apply: null,
    unsafeApply: null,
    outputs: null,
  };
  return { name: "custom", ...none, ...more } as const;
}

test("a custom engine is called by its argument lists, with variables replaced and extra arguments at the end", async () => {
  const tool = standIn(
    "tool",
    `case "$1" in
  plan) printf 'my plan' > "$TERRATEAM_PLAN_FILE"; echo noise ;;
  diff) echo "+ everything" ;;
  apply) test "$(cat "$2")" = "my plan" && echo done ;;
  outputs) echo '{"plain":"p","deep":{"value":{"a":1},"sensitive":false},"secret":{"value":"s3cretvalue","sensitive":true}}' ;;
esac`,
  );
  const engine = custom({
    init: ["tool", "init", "$TERRATEAM_WORKSPACE", "$$HOME"],
    plan: ["tool", "plan", "${TERRANE_DIR}"],
    diff: ["tool", "diff"],
    apply: ["tool", "apply", "$TERRATEAM_PLAN_FILE"],
    outputs: ["tool", "outputs"],
  });
  const { planned, applied } = await planAndApply(engine, "prod");
  expect(planned).toMatchObject({ changed: true, text: "+ everything" });
  expect(applied?.text).toBe("done");
  expect(applied?.outputs).toEqual([
    { name: "deep", sensitive: false, value: '{"a":1}' },
    { name: "secret", sensitive: true, value: null },
    { name: "plain", sensitive: false, value: "p" },
  ]);
  const init = "init prod $HOME";
  expect(tool.argv).toEqual([init, "plan a", "diff", init, "apply FILE", "outputs"]);
});

test("a custom plan ends with 0 for changes, 2 for none, and anything else is a failure", async () => {
  standIn("tool", 'exit "$1"');
  const repository = its.repository({ "a/x": "", "b/x": "", "c/x": "", "d/x": "" });
  const headSha = repository.commit("feature", {});
  const plan: WorkStep[] = [{ type: "plan", extraArgs: [], env: {}, mode: "strict" }];
  const codes = { a: "0", b: "2", c: "1" };
  const units = Object.entries(codes).map(([dir, code]) =>
    unit(dir, { engine: custom({ plan: ["tool", code] }), steps: plan }),
  );
  const nothing = unit("d", { engine: custom(), steps: plan });
  await its.job({ headSha, units: [...units, nothing] }, repository.bare, path());
  expect(its.result("a default", "planned")).toMatchObject({ changed: true });
  // No plan file was written: one with `{}` stands for it, so that the apply has what to be bound to.
  expect(its.result("a default", "planned").planDigest).toMatch(/^[0-9a-f]{64}$/);
  expect(its.result("b default", "planned")).toMatchObject({ changed: false, planDigest: null });
  expect(its.result("c default", "failed").failure).toMatchObject({ step: "plan", exitCode: 1 });
  expect(its.result("d default", "planned")).toMatchObject({ changed: false });
});

test("runner defect 6: an apply knows the plan file's variable, and having no outputs is an answer", async () => {
  standIn(
    "tool",
    'case "$1" in apply) test -n "$TERRATEAM_PLAN_FILE" && cat "$TERRATEAM_PLAN_FILE" ;; outputs) echo ;; esac',
  );
  const engine = custom({
    plan: ["tool", "plan"],
    apply: ["tool", "apply"],
    outputs: ["tool", "outputs"],
  });
  const { applied } = await planAndApply(engine);
  expect(applied).toMatchObject({ text: "{}", outputs: [] });
});

test("equal plans of two dirspaces are two plans", async () => {
  const repository = its.repository({ "a/x": "", "b/x": "" });
  const headSha = repository.commit("feature", {});
  const engine = custom({ plan: ["true"], apply: ["cat", "$TERRANE_PLAN_FILE"] });
  await its.job(
    { headSha, units: ["a", "b"].map((dir) => unit(dir, { engine })) },
    repository.bare,
  );
  const units = ["a", "b"].map((dir) => {
    const { planDigest } = its.result(`${dir} default`, "planned");
    return unit(dir, { engine, steps: APPLY_STEPS, planDigest });
  });
  await its.job({ kind: "apply", headSha, units }, repository.bare);
  for (const dir of ["a", "b"]) expect(its.result(`${dir} default`, "applied").text).toBe("{}");
});

test("runner defect 22: a base that was rewritten is merged as it is now, and never left out in silence", async () => {
  const repository = its.repository({ "a/x": "1\n" });
  const headSha = repository.commit("feature", { "a/y": "2\n" });
  repository.commit("main", { "a/gone": "0\n" });
  const clone = join(its.lab.folder, "ci checkout");
  const quiet = { stdio: "pipe" } as const;
  execFileSync(
    "git",
    ["clone", "-q", "--depth=1", "--branch=feature", `file://${repository.bare}`, clone],
    quiet,
  );
  const base = "main:refs/remotes/origin/main";
  execFileSync("git", ["fetch", "-q", "--depth=1", "origin", base], { cwd: clone, ...quiet });
  // The base moves to where no fast-forward leads from what the checkout has.
  const author = { cwd: join(its.lab.folder, "author"), ...quiet };
  execFileSync("git", ["reset", "-q", "--hard", "HEAD~1"], author);
  execFileSync("git", ["push", "-q", "--force", "origin", "main"], author);
  const baseSha = repository.commit("main", { "a/z": "3\n" });
  const engine = custom({ plan: ["sh", "-c", "ls; exit 2"] });
  const steps: WorkStep[] = [{ type: "plan", extraArgs: [], env: {}, mode: "strict" }];
  const ran = await its.job({ headSha, baseSha, units: [unit("a", { engine, steps })] }, null, {
    PWD: clone,
  });
  expect(ran, ran.log).toMatchObject({ code: 0 });
  expect(its.result("a default", "planned").text).toBe("x\ny\nz");
});
