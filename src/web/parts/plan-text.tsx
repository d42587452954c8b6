import { memo, type ReactElement } from "react";

/** Rendering more makes the page slow; the run's output has the rest. */
const LINES_MAX = 3_000;

/** A plan, or a diff, with each line in the colour of what it does. */
export const PlanText = memo(function PlanText(props: {
  readonly text: string;
  readonly label: string;
}): ReactElement {
  const lines = props.text.split("\n");
  const shown = lines.slice(0, LINES_MAX);
  return (
    <div className="code-box">
      <pre tabIndex={0} role="region" aria-label={props.label}>
        <code>
          {shown.map((line, at) => (
            <span key={at} className="code-line" data-line={kindOf(line)}>
              {`${line}\n`}
            </span>
          ))}
        </code>
      </pre>
      {lines.length > shown.length ? (
        <p className="muted small">{lines.length - shown.length} more lines are in the output.</p>
      ) : null}
    </div>
  );
});

function kindOf(line: string): string | undefined {
  const text = line.trimStart();
  if (text.startsWith("-/+") || text.startsWith("+/-")) return "replace";
  if (text.startsWith("+")) return "create";
  if (text.startsWith("-")) return "delete";
  if (text.startsWith("~") || text.startsWith("!")) return "update";
  if (text.startsWith("#") || text.startsWith("@@")) return "about";
  return undefined;
}
