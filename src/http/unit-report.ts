import { unreachable } from "../base/unreachable.ts";
import type { UnitResult } from "../contract/work.ts";
import type { UnitReport } from "../core/run/report.ts";
import { keyOf } from "./work-item.ts";

/** A runner's words in ours: JSON's null is our undefined, dirspaces are keys. */
export function unitReport(result: UnitResult): UnitReport {
  switch (result.outcome) {
    case "planned":
      return { ...result, planDigest: result.planDigest ?? undefined };
    case "failed":
      return { ...result, fence: result.fence ?? undefined };
    case "waiting":
      return { outcome: "waiting", for: result.for.map(keyOf) };
    case "applied":
    case "not_started":
      return result;
    default:
      return unreachable(result);
  }
}
