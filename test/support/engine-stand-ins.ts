import { join } from "node:path";
import { expect } from "vitest";
import type { WorkEngine } from "../../src/contract/engine.ts";
import { APPLY_STEPS, unit, type useRunner } from "./runner-lab.ts";
import { StandIn } from "./stand-in.ts";

type Runner = ReturnType<typeof useRunner>;

/** Tools that stand in for those that cannot be installed: first in the PATH of the job. */
export function standIns(its: Runner) {
  const bin = () => join(its.lab.folder, "bin");
  const path = () => ({ PATH: `${bin()}:${process.env["PATH"] ?? ""}` });
  return {
    bin,
    path,
    standIn: (name: string, script: string) => new StandIn(bin(), name, script),
    /** One dirspace, from its plan to its apply where there is something to apply. */
    planAndApply: async (engine: WorkEngine, workspace = "default") => {
      const repository = its.repository({ "a/x": "" });
      const headSha = repository.commit("feature", {});
      const more = { engine, workspace };
      const plan = await its.job({ headSha, units: [unit("a", more)] }, repository.bare, path());
      expect(plan, plan.log).toMatchObject({ code: 0 });
      const planned = its.result(`a ${workspace}`, "planned");
      const { planDigest } = planned;
      if (planDigest === null) return { planned, applied: undefined };
      const units = [unit("a", { ...more, steps: APPLY_STEPS, planDigest })];
      const apply = await its.job({ kind: "apply", headSha, units }, repository.bare, path());
      expect(apply, apply.log).toMatchObject({ code: 0 });
      return { planned, applied: its.result(`a ${workspace}`, "applied") };
    },
  };
}
