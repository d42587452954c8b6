import { unreachable } from "../base/unreachable.ts";
import type { ClusterGuard } from "../ports/engine-store.ts";
import type { EnginePorts } from "./ports.ts";

/** Nothing is applied, because the database was promoted or restored. */
export type Quarantine = Pick<Extract<ClusterGuard, { kind: "quarantined" }>, "since" | "because">;

/** Looks whether the database is still the one it was, and says so where it is not. */
export async function guardCluster(ports: EnginePorts): Promise<Quarantine | undefined> {
  const { store, limits, log } = ports;
  const found = await store.guardCluster(limits.quarantineMs);
  switch (found.kind) {
    case "same":
      return undefined;
    case "entered": {
      const { because, unknown } = found;
      log.error(
        { because, unknown },
        "the database was promoted or restored: nothing is applied until every job from before is known to have ended",
      );
      return found;
    }
    case "quarantined":
      return found;
    case "left":
      log.warn({}, "every job from before the promotion has ended: applies go on");
      return undefined;
    default:
      return unreachable(found);
  }
}
