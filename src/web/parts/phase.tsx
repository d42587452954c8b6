import type { ReactElement } from "react";
import type { PhaseView } from "../../contract/views.ts";
import { Badge, type Word } from "./badge.tsx";

/** The one vocabulary of phases. */
export const PHASES: Readonly<Record<PhaseView, Word>> = {
  unplanned: {
    label: "Not planned",
    icon: "dashed",
    tone: "neutral",
    meaning: "There is no plan of the current commit.",
  },
  waiting: {
    label: "Waiting",
    icon: "clock",
    tone: "neutral",
    meaning: "A dirspace before this one has to be applied first.",
  },
  planning: {
    label: "Planning",
    icon: "spinner",
    tone: "running",
    meaning: "A plan is queued or runs.",
  },
  planned: {
    label: "Planned",
    icon: "ready",
    tone: "ready",
    meaning: "The plan has changes and may be applied.",
  },
  unchanged: {
    label: "No changes",
    icon: "minus",
    tone: "neutral",
    meaning: "Planned; there is nothing to apply.",
  },
  stale: {
    label: "Out of date",
    icon: "stale",
    tone: "warn",
    meaning: "The plan no longer holds. Plan again.",
  },
  plan_failed: {
    label: "Plan failed",
    icon: "cross",
    tone: "bad",
    meaning: "The plan ended with an error.",
  },
  applying: {
    label: "Applying",
    icon: "spinner",
    tone: "running",
    meaning: "An apply is queued, runs, or was permitted to start.",
  },
  unknown: {
    label: "Unknown",
    icon: "question",
    tone: "odd",
    meaning: "An apply was permitted and contact was lost. Look before you act.",
  },
  applied: {
    label: "Applied",
    icon: "check",
    tone: "good",
    meaning: "This commit is applied.",
  },
  apply_failed: {
    label: "Apply failed",
    icon: "cross",
    tone: "bad",
    meaning: "The apply ended with an error. Plan again.",
  },
};

export function Phase(props: { readonly phase: PhaseView }): ReactElement {
  return <Badge word={PHASES[props.phase]} />;
}

/** Groups that a reader filters by; each phase is in exactly one. */
export const PHASE_GROUPS = {
  attention: ["plan_failed", "apply_failed", "stale", "unknown"],
  changes: ["planned"],
  running: ["planning", "applying"],
  waiting: ["waiting", "unplanned"],
  done: ["applied", "unchanged"],
} as const satisfies Readonly<Record<string, readonly PhaseView[]>>;

export type PhaseGroup = keyof typeof PHASE_GROUPS;

export const PHASE_GROUP_LABELS: Readonly<Record<PhaseGroup, string>> = {
  attention: "Needs attention",
  changes: "To apply",
  running: "Running",
  waiting: "Waiting",
  done: "Done",
};

export function isInGroup(phase: PhaseView, group: PhaseGroup): boolean {
  return (PHASE_GROUPS[group] as readonly PhaseView[]).includes(phase);
}
