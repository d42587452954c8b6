import type { ReactElement } from "react";
import { useSay } from "./announcer.tsx";
import { Icon } from "./icon.tsx";

export function CopyButton(props: { readonly text: string; readonly what: string }): ReactElement {
  const say = useSay();
  const label = `Copy ${props.what}`;
  const copy = () => {
    navigator.clipboard.writeText(props.text).then(
      () => say(`Copied ${props.what}`),
      () => say("The browser did not permit to copy"),
    );
  };
  return (
    <button
      type="button"
      className="button ghost icon-only small"
      aria-label={label}
      title={label}
      onClick={copy}
    >
      <Icon name="copy" size={14} />
    </button>
  );
}

/** A command to type elsewhere. */
export function Command(props: { readonly text: string; readonly what: string }): ReactElement {
  return (
    <div className="command">
      <pre>
        <code>{props.text}</code>
      </pre>
      <CopyButton text={props.text} what={props.what} />
    </div>
  );
}
