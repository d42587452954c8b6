import type { OutputV1, ResultsV1, ResultsV2, Step } from "./bodies.ts";

/** The older format of results, in the newer one. */
export function fromVersion1({ overall, dirspaces }: ResultsV1): ResultsV2 {
  const hook = (subflow: string) => (output: OutputV1) =>
    stepOf(output, { type: "run", flow: "hooks", subflow });
  return {
    steps: [
      ...(overall.outputs?.pre ?? []).map(hook("pre")),
      ...dirspaces.flatMap(({ path: dir, workspace, success, outputs }) => {
        const scope = { type: "dirspace", dir, workspace } as const;
        const steps = outputs.map((output) => stepOf(output, scope));
        // Its word counts where no step says why.
        const isTold = success || steps.some((step) => !step.success);
        return isTold ? steps : [...steps, failed(scope)];
      }),
      ...(overall.outputs?.post ?? []).map(hook("post")),
    ],
  };
}

const TERRAFORM_STEPS: ReadonlySet<string> = new Set(["init", "plan", "apply"]);

function stepOf({ workflow_step, success, outputs }: OutputV1, scope: Step["scope"]): Step {
  const { type, ignore_errors: ignored, ...about } = workflow_step;
  return {
    step: TERRAFORM_STEPS.has(type) ? `tf/${type}` : type,
    success,
    ignore_errors: ignored === true,
    scope,
    payload: { ...about, ...outputs },
  };
}

function failed(scope: Step["scope"]): Step {
  return { step: "results", success: false, ignore_errors: false, scope, payload: {} };
}
