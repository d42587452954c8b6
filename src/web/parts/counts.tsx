import type { ReactElement } from "react";
import { count } from "../../base/text.ts";
import type { ChangeCounts } from "../../contract/work.ts";

/** Always in this order, everywhere. */
export const COUNT_COLUMNS = [
  { key: "create", sign: "+", label: "to create" },
  { key: "update", sign: "~", label: "to update" },
  { key: "replace", sign: "±", label: "to replace" },
  { key: "delete", sign: "−", label: "to delete" },
] as const satisfies readonly {
  readonly key: keyof ChangeCounts;
  readonly sign: string;
  readonly label: string;
}[];

const REST = [
  { key: "import", one: "to import", many: "to import" },
  { key: "move", one: "to move", many: "to move" },
  { key: "forget", one: "to forget", many: "to forget" },
  { key: "outputs", one: "output changes", many: "outputs change" },
] as const satisfies readonly {
  readonly key: keyof ChangeCounts;
  readonly one: string;
  readonly many: string;
}[];

/** "+12 ~4 ±1 −2", zeros left out. */
export function Counts(props: { readonly counts: ChangeCounts }): ReactElement {
  const shown = COUNT_COLUMNS.filter(({ key }) => props.counts[key] > 0);
  const rest = restInWords(props.counts);
  if (shown.length === 0) return <span className="muted">{rest === "" ? "no changes" : rest}</span>;
  return (
    <span className="counts">
      {shown.map(({ key, sign, label }) => (
        <span key={key} data-count={key} title={`${props.counts[key]} ${label}`}>
          <span aria-hidden="true">
            {sign}
            {props.counts[key]}
          </span>
          <span className="visually-hidden">
            {props.counts[key]} {label}{" "}
          </span>
        </span>
      ))}
    </span>
  );
}

/** "1 to import, 2 outputs change" */
export function restInWords(counts: ChangeCounts): string {
  return REST.filter(({ key }) => counts[key] > 0)
    .map(({ key, one, many }) => count(counts[key], one, many))
    .join(", ");
}
