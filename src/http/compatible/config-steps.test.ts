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

type AnyStep = Step | Hook;

/** In a plan a failure with a gate waits for an approval and is no failure; in an apply that nobody approved it is one. */
function known<S extends AnyStep>(steps: readonly S[], op: "plan" | "apply"): readonly AnyStep[] {
  const isPlan = op === "plan";
  return steps
    .filter(({ type }) => type !== "slack" && type !== "webhook")
    .map((step: AnyStep): AnyStep => {
      if (step.type === "run" && step.onError.length > 0) {
        return { ...step, ignoreErrors: isPlan, onError: isPlan ? step.onError : [] };
      }
      if (step.type !== "policy" || step.gate === undefined || isPlan) return step;
      const { gate: _, ...rest } = step;
      return { ...rest, ignoreErrors: false };
    });
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
          apply: writtenSteps(apply, []),
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

const GATED = `
  plan: [{type: run, cmd: [check], on_error: [{type: gate, token: cost, name: Costs, any_of: ["user:bob"]}]}]
  apply: [{type: checkov, gate: {token: cost, any_of: ["user:bob"]}}]
`;

test.each([
  ["nobody approved", [], false],
  ["somebody approved another one", [{ token: "cost", anyOf: ["user:eve"] }], false],
  ["fewer people approved", [{ token: "cost", anyOf: ["user:bob"], anyOfCount: 2 }], false],
  ["it was approved, by whatever name", [{ token: "cost", anyOf: ["user:bob"] }], true],
])(
  "S14 a check with a gate fails the apply of an existing runner unless it was approved: %s",
  (_, gates, passes) => {
    const { raw } = parseConfig(
      `workflows: [{tag_query: "", ${GATED.trim().replace("\n", ", ")}}]`,
      "config.yml",
    );
    const [workflow] = raw === undefined ? [] : completeConfig(raw).workflows;
    const base = { name: null, allOf: [], anyOfCount: 1, addReviewers: false };
    const approved = gates.map((gate) => ({ ...base, ...gate }));
    const written = writtenSteps([...(workflow?.plan ?? []), ...(workflow?.apply ?? [])], approved);
    expect(written.map((step) => step["ignore_errors"])).toEqual([passes, passes]);
    expect(written[0]?.["on_error"]).toHaveLength(passes ? 1 : 0);
    expect("gate" in (written[1] ?? {})).toBe(passes);
  },
);
