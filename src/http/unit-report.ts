import { unreachable } from "../base/unreachable.ts";
import type { Issue, UnitResult } from "../contract/work.ts";
import type { LeftIssue } from "../core/run/issue.ts";
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

const SUBJECT_DIGITS = 12;

/** What an older runner says is about what it tells: it knows no better. */
export function leftIssue({ title, body, dedupe, about }: Issue): LeftIssue {
  return { title, body, dedupe, about: about ?? [dedupe.slice(0, SUBJECT_DIGITS)] };
}
