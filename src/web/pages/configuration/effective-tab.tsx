import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { count } from "../../../base/text.ts";
import type { EffectiveValue } from "../../../contract/configuration.ts";
import { Choices, FilterBox, matches } from "../../parts/filter.tsx";
import { Empty } from "../../parts/page.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";
import { configurationSearch, type ValueFilter } from "../../search.ts";
import { HERE } from "./here.ts";

const SHOWN_MAX = 1_000;

/** Each value that counts, and where it was written. */
export function EffectiveTab(props: {
  readonly values: readonly EffectiveValue[] | null | undefined;
  readonly errors: number;
  readonly isBusy: boolean;
  readonly goTo: (line: number, column: number) => void;
}): ReactElement {
  const { values } = props;
  const { q = "", show } = useSearch({ from: HERE });
  const navigate = useNavigate({ from: HERE });
  if (values === undefined) return <Skeleton rows={8} label="The values are loading" />;
  if (values === null) {
    return (
      <Empty title="No configuration counts while there are errors">
        <p>
          {count(props.errors, "error")} to mend in the tab File. Until then nothing is planned or
          applied with this configuration.
        </p>
      </Empty>
    );
  }
  const found = values.filter(({ path }) => q === "" || matches(q, [path]));
  const shown = found.filter((one) => isIn(one, show));
  const go = (search: { q?: string; show?: ValueFilter | undefined }) =>
    void navigate({
      search: (old) => configurationSearch({ ...old, ...search }),
      replace: true,
      resetScroll: false,
    });
  return (
    <section className="configuration-values" aria-label="Effective" aria-busy={props.isBusy}>
      <div className="bar">
        <Choices<ValueFilter | "all">
          label="Which values"
          value={show ?? "all"}
          onChange={(next) => go({ show: next === "all" ? undefined : next })}
          choices={(["all", "written", "default"] as const).map((value) => ({
            value,
            label: { all: "All", written: "Written", default: "Defaults" }[value],
            count: found.filter((one) => isIn(one, value)).length,
          }))}
        />
        <FilterBox label="Filter by key" value={q} onChange={(next) => go({ q: next })} />
      </div>
      {shown.length === 0 ? (
        <Empty title="No value matches">
          <p>{values.length} in total.</p>
        </Empty>
      ) : (
        <ValueTable values={shown.slice(0, SHOWN_MAX)} goTo={props.goTo} />
      )}
      {shown.length > SHOWN_MAX ? (
        <p className="muted">{shown.length - SHOWN_MAX} more; filter to see them.</p>
      ) : null}
    </section>
  );
}

function ValueTable(props: {
  readonly values: readonly EffectiveValue[];
  readonly goTo: (line: number, column: number) => void;
}): ReactElement {
  return (
    <div className="table-box">
      <table className="table values">
        <caption className="visually-hidden">Values of the configuration</caption>
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Value</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          {props.values.map((one) => (
            <tr key={one.path} data-default={one.origin === null || undefined}>
              <th scope="row">
                <code>{one.path}</code>
              </th>
              <td>
                <code className="pre">{one.value}</code>
              </td>
              <td>
                <From value={one} goTo={props.goTo} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function From(props: {
  readonly value: EffectiveValue;
  readonly goTo: (line: number, column: number) => void;
}): ReactElement {
  const { origin, path } = props.value;
  if (origin === null) return <span className="muted">default</span>;
  const { file, line, column } = origin;
  if (!origin.here) {
    return (
      <span className="muted">
        {file}, line {line}
      </span>
    );
  }
  return (
    <button
      type="button"
      className="link-button nowrap"
      aria-label={`Line ${line}, ${path}`}
      onClick={() => props.goTo(line, column)}
    >
      line {line}
    </button>
  );
}

function isIn({ origin }: EffectiveValue, show: ValueFilter | "all" | undefined): boolean {
  if (show === "written") return origin !== null;
  return show !== "default" || origin === null;
}
