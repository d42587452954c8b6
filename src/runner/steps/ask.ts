import { GATES_MAX, type Gate } from "../../contract/step.ts";
import type { Scope } from "../scope.ts";

/** Asks for approvals before the apply. Returns why it cannot, and then nobody may go on as if it had. */
export function ask(scope: Scope, gates: readonly Gate[]): string | undefined {
  const { approved } = scope;
  if (gates.length > 0 && scope.job.work.keepsGates !== true) {
    return "It asks for an approval, and this server does not wait for approvals that steps ask for. Update the server.";
  }
  const known = new Set(scope.gates.map(keyOf));
  for (const gate of gates) {
    const key = keyOf(gate);
    if (approved !== undefined && !approved.some((each) => keyOf(each) === key)) {
      return "It asks for an approval that was not asked for when this was planned, and an apply cannot wait for one. Plan again.";
    }
    if (known.has(key)) continue;
    if (scope.gates.length >= GATES_MAX) {
      return `It asks for more than ${GATES_MAX} approvals, the most that one dirspace can have.`;
    }
    known.add(key);
    scope.gates.push(gate);
  }
  return undefined;
}

/** Equal for gates that ask the same; whom it asks to look does not change what is asked. */
function keyOf({ token, name, allOf, anyOf, anyOfCount }: Gate): string {
  return JSON.stringify([token, name, allOf, anyOf, anyOfCount]);
}
