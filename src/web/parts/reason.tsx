import type { ReactElement } from "react";
import type { ReasonView, RuleView } from "../../contract/views.ts";
import { Icon } from "./icon.tsx";
import { commandsIn } from "./text.ts";
import { Words } from "./words.tsx";

/** What happened, why, by which rule, and what to do next. */
export function Reason(props: {
  readonly reason: ReasonView;
  readonly offer?: (command: string) => void;
}): ReactElement {
  const { reason, offer } = props;
  const commands = offer === undefined || reason.next === null ? [] : commandsIn(reason.next);
  return (
    <div className="reason">
      <p className="reason-title">
        <Words text={reason.title} /> <code className="code">{reason.code}</code>
      </p>
      {reason.cause === "" ? null : (
        <p className="pre">
          <Words text={reason.cause} />
        </p>
      )}
      <Rules rules={reason.rules ?? []} />
      {reason.next === null ? null : (
        <p className="reason-next">
          <span>
            <Icon name="arrow" size={14} /> <Words text={reason.next} />
          </span>
          {commands.map((command) => (
            <button
              key={command}
              type="button"
              className="button small"
              title={`Put “${command}” into the box`}
              onClick={() => offer?.(command)}
            >
              Put into the box
            </button>
          ))}
        </p>
      )}
    </div>
  );
}

/** Where in the configuration it is said. */
function Rules(props: { readonly rules: readonly RuleView[] }): ReactElement | null {
  if (props.rules.length === 0) return null;
  return (
    <p className="rules muted small">
      Rule:{" "}
      {props.rules.map((rule) => (
        <Rule key={`${rule.text} ${rule.path}`} rule={rule} />
      ))}
    </p>
  );
}

export function Rule(props: { readonly rule: RuleView }): ReactElement {
  const { rule } = props;
  return (
    <code className="rule" title={rule.path}>
      {rule.text}
    </code>
  );
}
