import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { JobWaitView, ReachedCapView, RunSummary } from "../../contract/views.ts";
import { Icon } from "./icon.tsx";
import { RUN_KINDS } from "./run-state.tsx";

/** What the job of a queued run waits for; nothing for every other run. */
export function JobWait(props: { readonly run: RunSummary }): ReactElement | null {
  const { run } = props;
  const { wait } = run;
  if (wait === undefined) return null;
  return (
    <div className="note job-wait" data-tone="running">
      <Icon name="clock" />
      <div>
        <p className="note-title">
          {RUN_KINDS[run.kind]} {run.number} waits for{" "}
          {wait.applyOf === null ? (
            "a free CI job"
          ) : (
            <>
              the apply of{" "}
              <Link
                to="/repositories/$repository/pulls/$number"
                params={{ repository: run.repositoryId, number: String(wait.applyOf) }}
              >
                #{wait.applyOf}
              </Link>
            </>
          )}
        </p>
        <p className="muted">
          {wait.applyOf === null
            ? `Position ${wait.position} in the queue of ${run.repository}; ${placeWords(wait)}`
            : "That apply has one of its dirspaces. It goes on by itself when it has ended."}
        </p>
      </div>
    </div>
  );
}

function placeWords({ caps, running }: JobWaitView): string {
  if (caps.length === 0) return `${running} of its CI jobs ${running === 1 ? "runs" : "run"} now.`;
  return `no more CI jobs may run now: ${caps.map(capWords).join(", ")}.`;
}

function capWords({ of, name, running, max }: ReachedCapView): string {
  const what = of === "environment" ? `environment ${name}` : of;
  return `${running} of ${max} of the ${what} running`;
}
