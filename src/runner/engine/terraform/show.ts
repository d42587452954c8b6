import { writeFile } from "node:fs/promises";
import type { Env } from "../../process.ts";
import { failureOf } from "../../text.ts";
import { toolFailure } from "../../tool.ts";
import type { UnitState } from "../../unit-state.ts";
import type { StepFailed } from "../engine.ts";
import { type Invocation, invokeQuietly } from "./invocation.ts";

/** `show -json` of a very large plan; beyond this neither the server nor a reviewer could use it. */
export const PLAN_JSON_CHARS_MAX = 256_000_000;

export type Shown =
  | { readonly kind: "ok"; readonly document: unknown; readonly file: string }
  | StepFailed;

/** The plan file as JSON, or the state where no plan file is given; kept in a file beside the plan. */
export async function showJson(
  state: UnitState,
  how: Invocation,
  env: Env,
  planFile: readonly string[],
): Promise<Shown> {
  const args = ["show", "-json", ...planFile];
  const run = await invokeQuietly(state, how, args, { env, charsMax: PLAN_JSON_CHARS_MAX });
  const label = `${how.label} show -json`;
  if (run.ended.kind !== "exited" || run.ended.code !== 0) {
    const failure = toolFailure(state, "show", label, { ended: run.ended, tail: run.stderr });
    return { kind: "failed", failure };
  }
  if (run.overflow) {
    return unreadable(
      `${label} wrote more than ${PLAN_JSON_CHARS_MAX} characters. Split the module.`,
    );
  }
  try {
    const document: unknown = JSON.parse(run.stdout);
    const file = `${state.planFile}.json`;
    await writeFile(file, run.stdout, { mode: 0o600 });
    return { kind: "ok", document, file };
  } catch {
    return unreadable(`${label} wrote no JSON. Is "${how.label}" the engine that is configured?`);
  }
}

function unreadable(message: string): Shown {
  return { kind: "failed", failure: failureOf("show", message) };
}
