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

function known<S extends Step | Hook>(steps: readonly S[]): readonly S[] {
  return steps.filter(({ type }) => type !== "slack" && type !== "webhook");
}

test("steps, hooks and engines mean the same once they are written for an existing runner", () => {
  fc.assert(
    fc.property(rawConfig, (raw) => {
      const config = completeConfig(raw);
      const { pre, post } = config.hooks.plan;
      const again = read({
        version: "1",
        hooks: { plan: { pre: writtenSteps(pre), post: writtenSteps(post) } },
        workflows: config.workflows.map(({ plan, apply, engine }) => ({
          tag_query: "",
          plan: writtenSteps(plan),
          apply: writtenSteps(apply),
          engine: writtenEngine(engine),
        })),
      });
      expect(again.hooks.plan).toEqual({ pre: known(pre), post: known(post) });
      expect(again.workflows.map(({ plan, apply, engine }) => ({ plan, apply, engine }))).toEqual(
        config.workflows.map(({ plan, apply, engine }) => ({
          plan: known(plan),
          apply: known(apply),
          engine,
        })),
      );
    }),
    { numRuns: 60 },
  );
});
