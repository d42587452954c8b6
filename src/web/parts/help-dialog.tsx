import { Fragment, type ReactElement } from "react";
import { Dialog } from "./dialog.tsx";

const KEYS: readonly {
  readonly group: string;
  readonly keys: readonly (readonly [string, string])[];
}[] = [
  {
    group: "Go to",
    keys: [
      ["g p", "Pull requests"],
      ["g r", "Runs"],
      ["g l", "Locks"],
      ["g c", "Configuration"],
    ],
  },
  {
    group: "On a page",
    keys: [
      ["j", "Next row"],
      ["k", "Previous row"],
      ["Enter", "Open or unfold the row"],
      ["/", "Filter, or search in a log"],
      ["c", "Write a comment or a command"],
      ["?", "This help"],
    ],
  },
  {
    group: "In the comment box",
    keys: [
      ["Tab", "Take the suggested command"],
      ["Ctrl Enter", "Send"],
      ["Esc", "Close the suggestions"],
    ],
  },
  {
    group: "In the configuration editor",
    keys: [
      ["F8", "Next finding"],
      ["Shift F8", "Previous finding"],
      ["Esc Tab", "Leave the editor"],
    ],
  },
];

export function HelpDialog(props: {
  readonly enabled: boolean;
  readonly onEnable: (enabled: boolean) => void;
  readonly onClose: () => void;
}): ReactElement {
  return (
    <Dialog title="Keyboard shortcuts" onClose={props.onClose}>
      <div className="keys">
        {KEYS.map(({ group, keys }) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {keys.map(([key, what]) => (
                <Fragment key={key}>
                  <dt>
                    {key.split(" ").map((part) => (
                      <kbd key={part}>{part}</kbd>
                    ))}
                  </dt>
                  <dd>{what}</dd>
                </Fragment>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <label className="switch">
        <input
          type="checkbox"
          checked={props.enabled}
          onChange={(event) => props.onEnable(event.target.checked)}
        />
        Single-key shortcuts are on
      </label>
    </Dialog>
  );
}
