import { newEventId } from "./perform.ts";
import type { EnginePorts } from "./ports.ts";

/** L42: whoever has its turn and does not use it does not keep those who wait behind it for ever. */
export async function lapseTurns(ports: EnginePorts): Promise<void> {
  for (const { pullRequest, since } of await ports.store.lapsedTurns(ports.limits.turnMs)) {
    await ports.store.append(pullRequest, newEventId(ports), { kind: "turn_over", since });
  }
}
