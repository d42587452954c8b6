import { expect, test } from "vitest";
import type { WorkEngine } from "../../src/contract/engine.ts";
import { standIns } from "../support/engine-stand-ins.ts";
import { APPLY_STEPS, resource, terraform, unit, useRunner } from "../support/runner-lab.ts";

// Pulumi and custom engines are stand-ins: real processes whose argv is asserted.
const its = useRunner();
const { path, standIn } = standIns(its);

async function applied(engine: WorkEngine, more: { readonly autoApprove?: boolean } = {}) {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  const units = [unit("a", { steps: APPLY_STEPS.slice(1), engine })];
  const work = { kind: "apply", headSha, units, autoApprove: true, ...more } as const;
  return await its.job(work, repository.bare, path());
}

function custom(more: Partial<Extract<WorkEngine, { name: "custom" }>>) {
  const none = { init: null, plan: null, diff: null, unsafeApply: null, outputs: null };
  return { name: "custom" as const, ...none, apply: ["tool", "apply"], ...more };
}

terraform(
  "runner defect 6: an apply without a reviewed plan lets terraform plan and apply in one go, with its outputs",
  async () => {
    const files = { "app/main.tf": `${resource("web", "v1")}output "x" {\n  value = 7\n}\n` };
    const repository = its.repository(files);
    const headSha = repository.commit("feature", {});
    const units = [unit("app", { steps: APPLY_STEPS })];
    const work = { kind: "apply", headSha, units, autoApprove: true } as const;
    const ran = await its.job(work, repository.bare);
    expect(ran, ran.log).toMatchObject({ code: 0 });
    const result = its.result("app default", "applied");
    expect(result).toMatchObject({ fence: 41, outputs: [{ name: "x", value: "7" }] });
    expect(result.text).toContain("1 added");
    // Nothing was reviewed, so nothing is fetched, and the permission is asked for without a plan.
    const asked = its.server.requests.filter((one) => /\/(?:plans|grants)/.test(one.path));
    expect(asked.map(({ path: called }) => called)).toEqual([expect.stringMatching(/\/grants$/)]);
    expect(JSON.parse(String(asked[0]?.body))).toMatchObject({ planDigest: null });
  },
);

test("pulumi (stand-in) goes up without a saved plan", async () => {
  const pulumi = standIn("pulumi", "echo up");
  const ran = await applied({ name: "pulumi" });
  expect(ran, ran.log).toMatchObject({ code: 0 });
  const [up = ""] = pulumi.argv;
  expect(up).toMatch(/^up --stack default --yes --skip-preview/);
  expect(up).not.toContain("--plan");
});

test("a custom engine (stand-in) applies with its own command for it", async () => {
  const tool = standIn("tool", 'echo "$1 is done"');
  const ran = await applied(custom({ unsafeApply: ["tool", "now"] }));
  expect(ran, ran.log).toMatchObject({ code: 0 });
  expect(tool.argv).toEqual(["now"]);
  expect(its.result("a default", "applied").text).toBe("now is done");
});

test("a custom engine (stand-in) without such a command applies nothing", async () => {
  const tool = standIn("tool", "exit 0");
  const ran = await applied(custom({}));
  expect(ran.code).toBe(1);
  expect(tool.argv).toEqual([]);
  const { failure } = its.result("a default", "failed");
  expect(failure.message).toContain("`unsafe_apply`");
});

test("S12 without a word of the server nothing is applied that has no plan", async () => {
  const tool = standIn("tool", "exit 0");
  await applied(custom({ unsafeApply: ["tool", "now"] }), { autoApprove: false });
  expect(its.result("a default", "not_started").because).toContain("no reviewed plan");
  expect(tool.argv).toEqual([]);
  expect(its.server.grants).toEqual([]);
});
