import { type ReactElement, useMemo, useState } from "react";
import { Icon } from "../icon.tsx";
import type { LogLine } from "./lines.ts";

/** More hits help nobody. */
const HITS_MAX = 5_000;

export interface LogSearch {
  readonly needle: string;
  readonly setNeedle: (needle: string) => void;
  readonly hits: number;
  /** Which hit is shown, from 1 on. */
  readonly at: number;
  /** Number of its line. */
  readonly current: number | undefined;
  readonly step: (by: 1 | -1) => void;
}

export function useSearchIn(lines: readonly LogLine[]): LogSearch {
  const [needle, setNeedle] = useState("");
  const [at, setAt] = useState(0);
  const hits = useMemo(() => hitsOf(lines, needle), [lines, needle]);
  return {
    needle,
    setNeedle: (next) => {
      setNeedle(next);
      setAt(0);
    },
    hits: hits.length,
    at: at + 1,
    current: hits[at],
    step: (by) =>
      setAt((before) => (hits.length === 0 ? 0 : (before + by + hits.length) % hits.length)),
  };
}

export function SearchBox(props: { readonly search: LogSearch }): ReactElement {
  const { needle, setNeedle, hits, at, step } = props.search;
  return (
    <>
      <label className="filter">
        <span className="visually-hidden">Search in the output</span>
        <Icon name="search" size={14} />
        <input
          type="search"
          data-filter
          placeholder="Search in the output"
          value={needle}
          spellCheck={false}
          onChange={(event) => setNeedle(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
            if (event.key === "Escape") event.currentTarget.blur();
          }}
        />
        <kbd aria-hidden="true">/</kbd>
      </label>
      <span className="hits number" role="status">
        {needle === "" ? "" : hits === 0 ? "none" : `${at} of ${hits}`}
      </span>
    </>
  );
}

function hitsOf(lines: readonly LogLine[], needle: string): readonly number[] {
  if (needle === "") return [];
  const wanted = needle.toLowerCase();
  const hits: number[] = [];
  for (const line of lines) {
    if (line.text.toLowerCase().includes(wanted)) hits.push(line.number);
    if (hits.length === HITS_MAX) break;
  }
  return hits;
}
