import type { ReactElement } from "react";
import type { RunSummary, RunUnitView } from "../../contract/views.ts";
import { Badge, type Word } from "./badge.tsx";

const CANCELLING: Word = {
  label: "Cancelling",
  icon: "spinner",
  tone: "odd",
  meaning: "It was asked to stop and has not ended yet; what it holds stays held until then.",
};

export const UNIT_STATES: Readonly<Record<RunUnitView["standing"], Word>> = {
  cancelling: CANCELLING,
  queued: { label: "Queued", icon: "clock", tone: "neutral", meaning: "Not started yet." },
  running: {
    label: "Running",
    icon: "spinner",
    tone: "running",
    meaning: "The runner works on it.",
  },
  granted: {
    label: "Applying",
    icon: "spinner",
    tone: "running",
    meaning: "The runner was permitted to apply, and does.",
  },
  unknown: {
    label: "Unknown",
    icon: "question",
    tone: "odd",
    meaning: "The apply was permitted and contact was lost.",
  },
  planned: { label: "Planned", icon: "check", tone: "good", meaning: "The plan was made." },
  applied: { label: "Applied", icon: "check", tone: "good", meaning: "The plan was applied." },
  waiting: {
    label: "Waiting",
    icon: "clock",
    tone: "neutral",
    meaning: "A dirspace before this one has to be applied first.",
  },
  failed: { label: "Failed", icon: "cross", tone: "bad", meaning: "It ended with an error." },
  not_started: {
    label: "Not started",
    icon: "dashed",
    tone: "neutral",
    meaning: "The run ended before this dirspace began.",
  },
  abandoned: {
    label: "Given up",
    icon: "question",
    tone: "odd",
    meaning: "Contact was lost during the apply, and somebody gave it up with force-unlock.",
  },
};

const OUTCOMES: Readonly<Record<NonNullable<RunSummary["outcome"]>, Word>> = {
  finished: { label: "Finished", icon: "check", tone: "good", meaning: "Every dirspace reported." },
  failed: { label: "Failed", icon: "cross", tone: "bad", meaning: "The run ended with an error." },
  cancelled: { label: "Cancelled", icon: "minus", tone: "neutral", meaning: "Someone stopped it." },
  superseded: {
    label: "Superseded",
    icon: "stale",
    tone: "neutral",
    meaning: "A newer commit made it pointless.",
  },
  lost: {
    label: "Lost",
    icon: "question",
    tone: "odd",
    meaning: "The runner stopped reporting.",
  },
};

const STATES: Readonly<Record<Exclude<RunSummary["standing"], "ended">, Word>> = {
  cancelling: CANCELLING,
  unknown: {
    label: "Unknown",
    icon: "question",
    tone: "odd",
    meaning:
      "Contact was lost while it applied. Look at the CI job; the locks stay until it ended.",
  },
  queued: { label: "Queued", icon: "clock", tone: "neutral", meaning: "Waits for its turn." },
  dispatched: {
    label: "Starting",
    icon: "clock",
    tone: "running",
    meaning: "The CI system was asked to start it; no runner has called yet.",
  },
  running: { label: "Running", icon: "spinner", tone: "running", meaning: "A runner works on it." },
};

const ENDED: Word = { label: "Ended", icon: "minus", tone: "neutral", meaning: "It is over." };

export function runWord(run: Pick<RunSummary, "standing" | "outcome" | "unitsFailed">): Word {
  if (run.standing !== "ended") return STATES[run.standing];
  if (run.outcome === null) return ENDED;
  return run.outcome === "finished" && run.unitsFailed > 0
    ? OUTCOMES.failed
    : OUTCOMES[run.outcome];
}

export function RunState(props: { readonly run: RunSummary }): ReactElement {
  return <Badge word={runWord(props.run)} />;
}

export const RUN_KINDS: Readonly<Record<RunSummary["kind"], string>> = {
  plan: "Plan",
  apply: "Apply",
};
