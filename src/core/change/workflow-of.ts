import { defaultWorkflow } from "../config/complete-workflow.ts";
import type { Subject } from "../query/match.ts";
import type { ChangeDiagnostic, ResolvedStack, ResolvedWorkflow } from "./affected.ts";
import type { Derived } from "./derived.ts";
import { substituteVariables } from "./stack/substitute-variables.ts";

/** Finds the workflow of each dirspace, and remembers what is wrong with those that were asked for. */
export interface WorkflowResolver {
  workflow(subject: Subject, stack: ResolvedStack): ResolvedWorkflow;
  problems(): readonly ChangeDiagnostic[];
}

export function workflowResolver(derived: Derived): WorkflowResolver {
  const problems = new Map<string, ChangeDiagnostic>();
  return {
    workflow: (subject, stack) => {
      const workflow = firstMatching(derived, subject);
      const { environment, index } = workflow;
      if (environment === undefined) return workflow;
      const substituted = substituteVariables(environment, stack.variables);
      if (substituted.kind === "ok") return { ...workflow, environment: substituted.text };
      const problem = unknownVariable(environment, substituted.name, stack.name, index ?? 0);
      problems.set(problem.message, problem);
      return workflow;
    },
    problems: () => [...problems.values()],
  };
}

/** The first workflow whose query matches, else the built-in one. */
function firstMatching({ config, workflows }: Derived, subject: Subject): ResolvedWorkflow {
  const index = workflows.first(subject);
  const workflow = config.workflows[index];
  if (workflow === undefined) return defaultWorkflow(config.engine, config.integrations);
  const { tagQuery: _, ...settings } = workflow;
  return { index, ...settings };
}

function unknownVariable(
  environment: string,
  name: string,
  stack: string,
  index: number,
): ChangeDiagnostic {
  const message =
    `The \`environment\` of workflow ${index + 1}, \`${environment}\`, names the variable \`${name}\`, ` +
    `which the stack \`${stack}\` does not have. Add it to \`variables\` of the stack, or write ` +
    `\`$\${${name}}\` where the text itself is meant.`;
  return {
    severity: "error",
    code: "stack_variable",
    message,
    at: ["workflows", index, "environment"],
  };
}
