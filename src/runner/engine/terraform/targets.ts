import type { UnitState } from "../../unit-state.ts";
import type { EngineStep } from "../engine.ts";
import { type Invocation, invokeQuietly } from "./invocation.ts";
import { PLAN_JSON_CHARS_MAX } from "./show.ts";

const TARGETS_MAX = 500;

/**
 * The quick first half of a `fast-and-loose` plan: which resources differ from the recorded state, asked
 * without a look at the real ones. Only those are then planned for real. Nothing found, too much, or an
 * error means a whole plan.
 */
export async function changedTargets(
  state: UnitState,
  how: Invocation,
  step: EngineStep,
): Promise<string[]> {
  const args = ["plan", ...step.args, "-input=false", "-refresh=false", "-json"];
  const run = await invokeQuietly(state, how, args, {
    env: step.env,
    charsMax: PLAN_JSON_CHARS_MAX,
  });
  if (run.ended.kind !== "exited" || run.ended.code !== 0 || run.overflow) return [];
  const found = [...new Set(run.stdout.split("\n").flatMap(addressIn))];
  return found.length > TARGETS_MAX ? [] : found.map((address) => `-target=${address}`);
}

function addressIn(line: string): string[] {
  if (!/"type":"(?:planned_change|resource_drift)"/.test(line)) return [];
  try {
    const message = JSON.parse(line) as { change?: { resource?: { addr?: unknown } } };
    const address = message.change?.resource?.addr;
    return typeof address === "string" ? [address] : [];
  } catch {
    return [];
  }
}
