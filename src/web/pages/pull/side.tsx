import type { ReactElement } from "react";
import type { CheckView, PullRequestDetail } from "../../../contract/views.ts";
import { Avatar } from "../../parts/avatar.tsx";
import type { Tone } from "../../parts/badge.tsx";
import { Icon, type IconName } from "../../parts/icon.tsx";
import { shortSha } from "../../parts/text.ts";
import type { Acting } from "./act.ts";
import { ActingAs } from "./acting-as.tsx";
import { Box } from "./box.tsx";
import { MergeBox } from "./merge-box.tsx";
import { verdictsOf } from "./stages.ts";

export function Side(props: {
  readonly pull: PullRequestDetail;
  readonly acting: Acting;
  readonly as: string;
  readonly onAs: (login: string) => void;
}): ReactElement {
  const { pull, acting } = props;
  const { local } = pull;
  return (
    <aside className="side" aria-label="Review, merge and checks">
      {local === null ? null : (
        <>
          <ActingAs pull={pull} as={props.as} onAs={props.onAs} />
          <ReviewBox pull={pull} acting={acting} as={props.as} />
          <MergeBox pull={pull} mergeable={local.mergeable} acting={acting} />
          {local.checks.length === 0 ? null : <Checks checks={local.checks} />}
        </>
      )}
    </aside>
  );
}

const COMMANDS = [
  { command: "terrane plan", label: "Plan", icon: "stale" },
  { command: "terrane apply", label: "Apply", icon: "play" },
  { command: "terrane unlock", label: "Unlock", icon: "unlock" },
] as const;

export function CommandButtons(props: {
  readonly pull: PullRequestDetail;
  readonly acting: Acting;
}): ReactElement {
  const { pull, acting } = props;
  // The eye goes to what comes next; whether it is allowed, the server says.
  const ready = pull.dirspaces.some(({ phase }) => phase === "planned");
  return (
    <div className="commands" role="group" aria-label="Commands">
      {COMMANDS.map(({ command, label, icon }) => (
        <button
          key={command}
          type="button"
          className={ready && label === "Apply" ? "button primary" : "button"}
          title={command}
          disabled={acting.pending}
          onClick={() =>
            void acting.act({ name: "command", body: { command } }, `Asked: ${command}`)
          }
        >
          <Icon name={icon} size={14} /> {label}
        </button>
      ))}
    </div>
  );
}

function ReviewBox(props: {
  readonly pull: PullRequestDetail;
  readonly acting: Acting;
  readonly as: string;
}): ReactElement {
  const { pull, acting } = props;
  const verdicts = [...verdictsOf(pull)];
  const review = (verdict: "approved" | "changes_requested" | "dismissed", said: string) =>
    void acting.act({ name: "review", body: { verdict } }, said);
  const mine = verdicts.some(([login]) => login === props.as);
  return (
    <Box title="Review">
      {verdicts.length === 0 ? <p className="muted">Nobody has reviewed it yet.</p> : null}
      <ul className="plain">
        {verdicts.map(([login, { verdict, commit }]) => (
          <li key={login} className="reviewer">
            <Avatar login={login} />
            <span>{login}</span>
            <VerdictWords verdict={verdict} current={commit === pull.headSha} commit={commit} />
          </li>
        ))}
      </ul>
      {pull.state === "open" && pull.author === props.as ? (
        <p className="muted small">
          {props.as} opened it, so somebody else reviews it. Choose above who acts.
        </p>
      ) : null}
      {pull.state === "open" && pull.author !== props.as ? (
        <div className="buttons">
          <button
            type="button"
            className="button small good"
            disabled={acting.pending}
            onClick={() => review("approved", "Approved")}
          >
            <Icon name="check" size={14} /> Approve
          </button>
          <button
            type="button"
            className="button small"
            disabled={acting.pending}
            onClick={() => review("changes_requested", "Changes requested")}
          >
            Request changes
          </button>
          {mine ? (
            <button
              type="button"
              className="button small ghost"
              disabled={acting.pending}
              onClick={() => review("dismissed", "Review taken back")}
            >
              Take back
            </button>
          ) : null}
        </div>
      ) : null}
    </Box>
  );
}

function VerdictWords(props: {
  readonly verdict: "approved" | "changes_requested";
  readonly current: boolean;
  readonly commit: string;
}): ReactElement {
  const { verdict, current, commit } = props;
  if (verdict === "changes_requested") {
    return (
      <span className="verdict" data-tone="bad">
        <Icon name="cross" size={14} /> wants changes
      </span>
    );
  }
  return (
    <span
      className="verdict"
      data-tone={current ? "good" : "warn"}
      title={current ? undefined : `Approved ${shortSha(commit)}; the head is another commit.`}
    >
      <Icon name={current ? "check" : "stale"} size={14} />
      {current ? "approved" : "approved an older commit"}
    </span>
  );
}

function Checks(props: { readonly checks: readonly CheckView[] }): ReactElement {
  return (
    <Box title="Checks">
      <ul className="plain checks">
        {props.checks.map((check) => {
          const { icon, tone, word } = lookOf(check);
          return (
            <li key={check.name}>
              <span className="check-icon" data-tone={tone}>
                <Icon name={icon} size={14} />
              </span>
              <span>
                <b>{check.name}</b> <span className="muted">{word}</span>
                <span className="check-title">{check.title}</span>
              </span>
            </li>
          );
        })}
      </ul>
    </Box>
  );
}

function lookOf(check: CheckView): { icon: IconName; tone: Tone; word: string } {
  if (check.status === "queued") return { icon: "clock", tone: "neutral", word: "queued" };
  if (check.status === "in_progress") return { icon: "spinner", tone: "running", word: "running" };
  switch (check.conclusion) {
    case "success":
      return { icon: "check", tone: "good", word: "passed" };
    case "failure":
      return { icon: "cross", tone: "bad", word: "failed" };
    case "action_required":
      return { icon: "alert", tone: "warn", word: "needs you" };
    default:
      return { icon: "minus", tone: "neutral", word: check.conclusion ?? "ended" };
  }
}
