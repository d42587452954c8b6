import fc from "fast-check";
import { expect, test } from "vitest";
import { rawConfig } from "../../../test/support/config-arbitrary.ts";
import { completeConfig } from "../../core/config/complete.ts";
import type { Config } from "../../core/config/config.ts";
import type { Hook } from "../../core/config/hook.ts";
import { parseConfig } from "../../core/config/parse.ts";
import type { Step } from "../../core/config/step.ts";
import { writtenEngine, writtenSteps } from "./config-steps.ts";

/** What a runner reads that knows the configuration language and nothing of us. */
function read(written: object): Config {
  const parsed = parseConfig(JSON.stringify(written), "config.yml");
  expect(parsed.diagnostics.filter((one) => one.severity === "error")).toEqual([]);
  if (parsed.raw === undefined) throw new Error("it cannot be read");
  return completeConfig(parsed.raw);
}

/** Of a plan a failure with a gate waits for an approval and is no failure, also where `ignore_errors` says otherwise. */
function known<S extends Step | Hook>(steps: readonly S[], op: "plan" | "apply"): readonly S[] {
  return steps
    .filter(({ type }) => type !== "slack" && type !== "webhook")
    .map((step) =>
      op === "plan" && step.type === "run" && step.onError.length > 0
        ? { ...step, ignoreErrors: true }
        : step,
    );
}

test("runner defect 15: steps, hooks and engines mean the same once they are written for an existing runner", () => {
  fc.assert(
    fc.property(rawConfig, (raw) => {
      const config = completeConfig(raw);
      const { pre, post } = config.hooks.plan;
      const again = read({
        version: "1",
        hooks: { plan: { pre: writtenSteps(pre, "plan"), post: writtenSteps(post, "plan") } },
        workflows: config.workflows.map(({ plan, apply, engine }) => ({
          tag_query: "",
          plan: writtenSteps(plan, "plan"),
          apply: writtenSteps(apply, "apply"),
          engine: writtenEngine(engine),
        })),
      });
      expect(again.hooks.plan).toEqual({ pre: known(pre, "plan"), post: known(post, "plan") });
      expect(again.workflows.map(({ plan, apply, engine }) => ({ plan, apply, engine }))).toEqual(
        config.workflows.map(({ plan, apply, engine }) => ({
          plan: known(plan, "plan"),
          apply: known(apply, "apply"),
          engine,
        })),
      );
    }),
    { numRuns: 60 },
  );
});
