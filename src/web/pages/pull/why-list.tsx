import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { WhyDirspaceView, WhyView } from "../../../contract/why.ts";
import { Phase } from "../../parts/phase.tsx";
import { Words } from "../../parts/words.tsx";

/** Where each dirspace stands and what it waits for first; its own page says the rest. */
export function WhyList(props: { readonly why: WhyView }): ReactElement {
  const { why } = props;
  return (
    <div className="table-box">
      <table className="table">
        <caption className="visually-hidden">Every dirspace, and what it waits for</caption>
        <thead>
          <tr>
            <th scope="col">Dirspace</th>
            <th scope="col">Phase</th>
            <th scope="col">Waits for</th>
          </tr>
        </thead>
        <tbody>
          {why.dirspaces.map((one) => (
            <tr key={one.key}>
              <th scope="row">
                <Link
                  to="/repositories/$repository/pulls/$number"
                  params={{ repository: why.repositoryId, number: String(why.pullRequest) }}
                  search={{ tab: "why", of: one.key }}
                  resetScroll={false}
                  data-row
                  className="dir"
                >
                  {one.key}
                </Link>
              </th>
              <td>
                <Phase phase={one.phase} />
              </td>
              <td>
                <First of={one} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {why.total > why.dirspaces.length ? (
        <p className="muted table-more">
          And {why.total - why.dirspaces.length} more; ask about one above.
        </p>
      ) : null}
    </div>
  );
}

function First(props: { readonly of: WhyDirspaceView }): ReactElement {
  const [first, ...more] = props.of.waits;
  if (first === undefined) return <span className="muted">nothing</span>;
  return (
    <>
      <Words text={first.title} />
      {more.length === 0 ? null : <span className="muted"> and {more.length} more</span>}
    </>
  );
}
