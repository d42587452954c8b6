import { type ReactElement, type ReactNode, useEffect, useId, useRef } from "react";
import { Icon } from "./icon.tsx";

/** The browser's own modal dialog: it traps focus, closes on Escape and gives focus back. */
export function Dialog(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}): ReactElement {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (dialog !== null && !dialog.open) dialog.showModal();
  }, []);
  return (
    <dialog
      ref={ref}
      className="dialog"
      aria-labelledby={titleId}
      onClose={props.onClose}
      onClick={(event) => {
        if (event.target === ref.current) ref.current?.close();
      }}
    >
      <div className="dialog-body">
        <header>
          <h2 id={titleId}>{props.title}</h2>
          <button
            type="button"
            className="button ghost icon-only"
            aria-label="Close"
            onClick={() => ref.current?.close()}
          >
            <Icon name="cross" />
          </button>
        </header>
        {props.children}
      </div>
    </dialog>
  );
}
