import { Fragment, type ReactElement } from "react";
import type { AffectedView } from "../../../contract/configuration.ts";
import { Chip } from "../../parts/badge.tsx";
import { Words } from "../../parts/words.tsx";

type Dirspace = AffectedView["dirspaces"][number];

/** Side by side: what stands in a column starts when what it waits for in the columns before is done. */
export function Waves(props: { readonly dirspaces: readonly Dirspace[] }): ReactElement {
  const waves = [...new Set(props.dirspaces.map(({ wave }) => wave))];
  return (
    <ol className="waves" aria-label="Waves">
      {waves.map((wave) => (
        <Wave
          key={wave}
          wave={wave}
          dirspaces={props.dirspaces.filter((one) => one.wave === wave)}
        />
      ))}
    </ol>
  );
}

function Wave(props: {
  readonly wave: number;
  readonly dirspaces: readonly Dirspace[];
}): ReactElement {
  return (
    <li className="wave-column">
      <h3>
        Wave {props.wave + 1} <span className="count number">{props.dirspaces.length}</span>
      </h3>
      <ul>
        {props.dirspaces.map((one) => (
          <DirspaceCard key={`${one.dir}:${one.workspace}`} dirspace={one} />
        ))}
      </ul>
    </li>
  );
}

function DirspaceCard(props: { readonly dirspace: Dirspace }): ReactElement {
  const { dirspace } = props;
  const { workflow } = dirspace;
  return (
    <li className="dirspace-card">
      <p>
        <span className="dir">{dirspace.dir}</span>{" "}
        <span className="workspace">{dirspace.workspace}</span>
      </p>
      <ul className="becauses">
        {dirspace.because.map((because) => (
          <li key={because}>
            <Words text={because} />
          </li>
        ))}
      </ul>
      <p className="muted small">
        {workflow === null ? (
          "the built-in workflow"
        ) : (
          <>
            workflow {workflow.index + 1}, for <code>{workflow.tagQuery || "everything"}</code>
          </>
        )}
        {dirspace.autoplan ? null : ", not planned by itself"}
      </p>
      {dirspace.predecessors.length === 0 ? null : (
        <p className="muted small">
          after{" "}
          {dirspace.predecessors.map((key, at) => (
            <Fragment key={key}>
              {at === 0 ? "" : ", "}
              <code>{key}</code>
            </Fragment>
          ))}
        </p>
      )}
      <details>
        <summary className="small">Tags</summary>
        <p>
          {dirspace.tags.map((tag) => (
            <Chip key={tag}>{tag}</Chip>
          ))}
        </p>
      </details>
    </li>
  );
}
