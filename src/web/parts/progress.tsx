import type { ReactElement } from "react";
import type { ProgressView } from "../../contract/views.ts";
import type { Tone } from "./badge.tsx";

/** Disjoint parts of the whole, most urgent first. */
export function partsOf(progress: ProgressView): readonly {
  readonly label: string;
  readonly n: number;
  readonly tone: Tone;
}[] {
  return [
    { label: "failed", n: progress.failed, tone: "bad" as const },
    { label: "running", n: progress.running, tone: "running" as const },
    { label: "to apply", n: progress.changed, tone: "ready" as const },
    { label: "waiting", n: progress.waiting, tone: "neutral" as const },
    { label: "applied", n: progress.applied, tone: "good" as const },
    { label: "unchanged", n: progress.unchanged, tone: "neutral" as const },
  ].filter((part) => part.n > 0);
}

export function Progress(props: { readonly progress: ProgressView }): ReactElement {
  const parts = partsOf(props.progress);
  if (parts.length === 0) return <span className="muted small">nothing affected</span>;
  return (
    <span className="progress">
      <span className="progress-bar" aria-hidden="true">
        {parts.map((part) => (
          <span
            key={part.label}
            data-tone={part.tone}
            data-part={part.label}
            style={{ flexGrow: part.n }}
          />
        ))}
      </span>
      <span className="progress-words">
        {parts.map((part) => (
          <span key={part.label} data-tone={part.tone}>
            <b className="number">{part.n}</b> {part.label}
          </span>
        ))}
      </span>
    </span>
  );
}
