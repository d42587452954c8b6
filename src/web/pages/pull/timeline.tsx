import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { PullRequestDetail } from "../../../contract/views.ts";
import { Lasted } from "../../parts/clock.tsx";
import { Icon, type IconName } from "../../parts/icon.tsx";
import { type Stage, stagesOf } from "./stages.ts";

const STATES: Readonly<Record<Stage["state"], { readonly icon: IconName; readonly word: string }>> =
  {
    done: { icon: "check", word: "done" },
    active: { icon: "spinner", word: "running" },
    failed: { icon: "cross", word: "needs attention" },
    blocked: { icon: "minus", word: "blocked" },
    todo: { icon: "dashed", word: "to do" },
  };

export function Timeline(props: { readonly pull: PullRequestDetail }): ReactElement {
  return (
    <ol className="timeline" aria-label="Stages">
      {stagesOf(props.pull).map((stage) => (
        <li key={stage.name} className="stage" data-state={stage.state}>
          <span className="stage-icon">
            <Icon name={STATES[stage.state].icon} />
          </span>
          <span className="stage-words">
            <span className="stage-name">
              {stage.name}
              <span className="visually-hidden"> {STATES[stage.state].word}:</span>
            </span>
            <span className="stage-text">{stage.text}</span>
            {stage.run === undefined ? null : (
              <Link to="/runs/$run" params={{ run: stage.run.id }} className="stage-run">
                Run {stage.run.number} ·{" "}
                <Lasted from={stage.run.claimedAt ?? stage.run.createdAt} to={stage.run.endedAt} />
              </Link>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
