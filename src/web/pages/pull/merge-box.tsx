import { type ReactElement, useState } from "react";
import type { LocalForgeView, PullRequestDetail } from "../../../contract/views.ts";
import { Icon } from "../../parts/icon.tsx";
import type { Acting } from "./act.ts";
import { Box } from "./box.tsx";

const METHODS = [
  { value: "merge", label: "with a merge commit" },
  { value: "squash", label: "squashed into one commit" },
  { value: "rebase", label: "rebased" },
] as const;
type Method = (typeof METHODS)[number]["value"];

const MERGEABLE = {
  clean: { icon: "check", tone: "good", words: "No conflict with the base branch" },
  conflict: { icon: "cross", tone: "bad", words: "Conflicts with the base branch" },
  unknown: { icon: "clock", tone: "neutral", words: "Conflicts are being looked for" },
} as const;

type SetState = (state: "open" | "closed" | "draft" | "ready", said: string) => void;

export function MergeBox(props: {
  readonly pull: PullRequestDetail;
  readonly mergeable: LocalForgeView["mergeable"];
  readonly acting: Acting;
}): ReactElement {
  const { pull, acting } = props;
  const [method, setMethod] = useState<Method>("merge");
  const { icon, tone, words } = MERGEABLE[props.mergeable];
  const set: SetState = (state, said) =>
    void acting.act({ name: "setState", body: { state } }, said);
  if (pull.state === "merged") return <Box title="Merge">It is merged into {pull.baseRef}.</Box>;
  if (pull.state === "closed") return <ClosedBox set={set} pending={acting.pending} />;
  return (
    <Box title="Merge">
      <p className="mergeable" data-tone={tone}>
        <Icon name={icon} size={14} /> {words}
      </p>
      <label>
        <span className="visually-hidden">How to merge</span>
        <select value={method} onChange={(event) => setMethod(event.target.value as Method)}>
          {METHODS.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <div className="buttons">
        <button
          type="button"
          className="button small"
          disabled={acting.pending || props.mergeable === "conflict" || pull.draft}
          onClick={() => void acting.act({ name: "merge", body: { method } }, "Merged")}
        >
          <Icon name="merge" size={14} /> Merge
        </button>
        <button
          type="button"
          className="button small ghost"
          disabled={acting.pending}
          onClick={() =>
            pull.draft ? set("ready", "Ready for review") : set("draft", "Now a draft")
          }
        >
          {pull.draft ? "Ready for review" : "Make a draft"}
        </button>
        <button
          type="button"
          className="button small ghost"
          disabled={acting.pending}
          onClick={() => set("closed", "Closed")}
        >
          Close
        </button>
      </div>
    </Box>
  );
}

function ClosedBox(props: { readonly set: SetState; readonly pending: boolean }): ReactElement {
  return (
    <Box title="Merge">
      <p className="muted">It is closed.</p>
      <button
        type="button"
        className="button small"
        disabled={props.pending}
        onClick={() => props.set("open", "Opened again")}
      >
        Reopen
      </button>
    </Box>
  );
}
