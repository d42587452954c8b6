import type { ReactElement } from "react";
import { count } from "../../../base/text.ts";
import { CHANGED_LIST, type DiagnosticView } from "../../../contract/configuration.ts";
import { Icon } from "../../parts/icon.tsx";
import { Words } from "../../parts/words.tsx";

/** Findings in the order of the file; each of it leads to its line, those of other files name theirs. */
export function FindingList(props: {
  readonly label: string;
  readonly findings: readonly DiagnosticView[];
  /** The file that the page shows. */
  readonly path: string;
  readonly goTo?: (line: number, column: number) => void;
  readonly onReplace?: (finding: DiagnosticView, by: string) => void;
}): ReactElement {
  const { goTo, onReplace } = props;
  return (
    <ul className="findings" aria-label={props.label}>
      {props.findings.map((finding, at) => (
        <li key={at} data-tone={finding.severity === "error" ? "bad" : "warn"}>
          <span className="finding-kind" title={finding.severity}>
            <Icon name={finding.severity === "error" ? "alert" : "info"} size={14} />
            <span className="visually-hidden">{finding.severity}</span>
          </span>
          <div className="finding-what">
            {finding.line > 0 && finding.file === props.path && goTo !== undefined ? (
              <button
                type="button"
                className="finding-go"
                onClick={() => goTo(finding.line, finding.column)}
              >
                <span className="finding-place number">
                  {finding.line}:{finding.column}
                </span>
                <span>
                  <Words text={finding.message} />
                </span>
              </button>
            ) : (
              <p className="finding-text">
                {finding.line > 0 ? (
                  <span className="finding-place number">{placeOf(finding, props.path)}</span>
                ) : null}
                <span>
                  <Words text={finding.message} />
                </span>
              </p>
            )}
          </div>
          <span className="finding-side">
            {replacementOf(finding) === undefined ||
            finding.file !== props.path ||
            onReplace === undefined ? null : (
              <button
                type="button"
                className="button small"
                onClick={() => onReplace(finding, replacementOf(finding) ?? "")}
              >
                Use {replacementOf(finding)}
              </button>
            )}
            <code className="code">{finding.code}</code>
          </span>
        </li>
      ))}
    </ul>
  );
}

function placeOf({ file, line }: DiagnosticView, path: string): string {
  return file === path || file === CHANGED_LIST ? `line ${line}` : `${file}, line ${line}`;
}

/** A word that can stand where the wrong one stands; other suggestions are for reading. */
export function replacementOf({ code, suggestion }: DiagnosticView): string | undefined {
  return code === "unknown_key" || code === "wrong_value" ? suggestion : undefined;
}

export function findingWords(errors: number, warnings: number): string {
  const words = [
    ...(errors === 0 ? [] : [count(errors, "error")]),
    ...(warnings === 0 ? [] : [count(warnings, "warning")]),
  ];
  return words.length === 0 ? "Nothing to mend" : words.join(", ");
}
