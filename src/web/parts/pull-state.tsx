import type { ReactElement } from "react";
import type { PullRequestSummary } from "../../contract/views.ts";
import { Badge, type Word } from "./badge.tsx";

const STATES: Readonly<Record<PullRequestSummary["state"] | "draft", Word>> = {
  open: { label: "Open", icon: "pull", tone: "good", meaning: "It can be planned and applied." },
  draft: {
    label: "Draft",
    icon: "pull",
    tone: "neutral",
    meaning: "Its author still works on it.",
  },
  merged: {
    label: "Merged",
    icon: "merge",
    tone: "odd",
    meaning: "It is part of its base branch.",
  },
  closed: {
    label: "Closed",
    icon: "closed",
    tone: "bad",
    meaning: "It was closed without a merge.",
  },
};

export function pullWord(pull: Pick<PullRequestSummary, "state" | "draft">): Word {
  return STATES[pull.state === "open" && pull.draft ? "draft" : pull.state];
}

export function PullState(props: { readonly pull: PullRequestSummary }): ReactElement {
  return <Badge word={pullWord(props.pull)} />;
}
