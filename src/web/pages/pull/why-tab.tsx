import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactElement, useId } from "react";
import type { PullRequestDetail } from "../../../contract/views.ts";
import type { WhyDecisionView, WhyView } from "../../../contract/why.ts";
import { whyQuery } from "../../data/queries.ts";
import { Ago } from "../../parts/clock.tsx";
import { ErrorNote } from "../../parts/error-note.tsx";
import { Phase } from "../../parts/phase.tsx";
import { Reason } from "../../parts/reason.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { WhyDirspace } from "../../parts/why.tsx";
import { Words } from "../../parts/words.tsx";
import type { ShownDecision } from "./decision-groups.ts";
import { Decisions } from "./decisions.tsx";
import { WhyList } from "./why-list.tsx";

const HERE = "/repositories/$repository/pulls/$number";

/** Everything that was decided, and of one dirspace, directory or file why it stands where it does. */
export function WhyTab(props: { readonly pull: PullRequestDetail }): ReactElement {
  const { pull } = props;
  const { of } = useSearch({ from: HERE });
  const why = useQuery(whyQuery(pull.repositoryId, pull.number, of));
  return (
    <section aria-labelledby="why">
      <h2 id="why">Why?</h2>
      <AskFor key={of ?? ""} pull={pull} of={of} />
      {why.data === undefined ? (
        why.error === null ? (
          <Skeleton rows={6} label="The decisions are loading" />
        ) : (
          <ErrorNote error={why.error} onRetry={() => void why.refetch()} />
        )
      ) : (
        <Answer why={why.data} of={of} />
      )}
    </section>
  );
}

function AskFor(props: {
  readonly pull: PullRequestDetail;
  readonly of: string | undefined;
}): ReactElement {
  const { pull, of } = props;
  const navigate = useNavigate();
  const known = useId();
  return (
    <form
      className="why-ask"
      onSubmit={(event) => {
        event.preventDefault();
        const given = new FormData(event.currentTarget).get("of");
        const asked = typeof given === "string" ? given.trim() : "";
        void navigate({
          to: HERE,
          params: { repository: pull.repositoryId, number: String(pull.number) },
          search: { tab: "why", ...(asked === "" ? {} : { of: asked }) },
          resetScroll: false,
        });
      }}
    >
      <label>
        Directory, dirspace or file, also one that is not touched
        <input
          name="of"
          defaultValue={of ?? ""}
          list={known}
          spellCheck={false}
          autoComplete="off"
        />
      </label>
      <datalist id={known}>
        {pull.dirspaces.map(({ key }) => (
          <option key={key} value={key} />
        ))}
      </datalist>
      <button type="submit" className="button">
        Say why
      </button>
      {of === undefined ? null : (
        <Link
          to={HERE}
          params={{ repository: pull.repositoryId, number: String(pull.number) }}
          search={{ tab: "why" }}
          resetScroll={false}
          className="button"
        >
          All of it
        </Link>
      )}
    </form>
  );
}

function Answer(props: { readonly why: WhyView; readonly of: string | undefined }): ReactElement {
  const { why, of } = props;
  return (
    <>
      {of === undefined && why.dirspaces.length === 0 ? (
        <div className="why-card">
          {why.said.map((reason, at) => (
            <Reason key={`${reason.code} ${at}`} reason={reason} />
          ))}
        </div>
      ) : null}
      {of === undefined && why.dirspaces.length > 0 ? <WhyList why={why} /> : null}
      {of === undefined
        ? null
        : why.dirspaces.map((one) => (
            <section key={one.key} className="why-card" aria-label={one.key}>
              <h3>
                {one.key} <Phase phase={one.phase} />
              </h3>
              {one.because.length === 0 ? null : (
                <p>
                  Affected because <Words text={one.because.join("; ")} />
                </p>
              )}
              <WhyDirspace why={one} />
            </section>
          ))}
      {why.target === null ? null : (
        <section className="why-card" aria-label={of ?? ""}>
          <h3>
            {of} {why.target.affected ? "is part of the change" : "is not part of the change"}
          </h3>
          {why.target.reasons.map((text) => (
            <p key={text}>
              <Words text={text} />
            </p>
          ))}
        </section>
      )}
      {why.ignored.length === 0 ? null : (
        <details className="fold">
          <summary>Deliveries from which nothing follows</summary>
          <ul>
            {why.ignored.map(({ delivery, at, because }) => (
              <li key={delivery}>
                <Ago at={at} /> <code>{delivery}</code> <Words text={because} />
              </li>
            ))}
          </ul>
        </details>
      )}
      <Decisions decisions={why.decisions.map(shown)} />
    </>
  );
}

function shown({ id, at, event, reasons }: WhyDecisionView): ShownDecision {
  const { kind, text, delivery } = event;
  return { id, at, event: kind, text, reasons, ...(delivery === null ? {} : { delivery }) };
}
