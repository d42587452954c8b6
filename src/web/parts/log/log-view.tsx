import { type ReactElement, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { count } from "../../../base/text.ts";
import type { UnitOutput } from "../../data/output.ts";
import { useSay } from "../announcer.tsx";
import { Icon } from "../icon.tsx";
import { type LogLine, linesOf } from "./lines.ts";
import { LogLines } from "./log-lines.tsx";

/** Closer to the end than this counts as "at the end". */
const END_PX = 24;
/** More hits help nobody. */
const HITS_MAX = 5_000;

/** A log that follows its end until the reader scrolls up, and goes on when they return or say so. */
export function LogView(props: {
  readonly output: UnitOutput;
  readonly label: string;
  readonly fileName: string;
}): ReactElement {
  const lines = useMemo(() => linesOf(props.output.log), [props.output.log]);
  const [following, setFollowing] = useState(true);
  const [wrap, setWrap] = useState(true);
  const [needle, setNeedle] = useState("");
  const [at, setAt] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const hits = useMemo(() => hitsOf(lines, needle), [lines, needle]);
  const current = hits[Math.min(at, hits.length - 1)];

  useEffect(() => {
    const element = box.current;
    if (following && element !== null) element.scrollTop = element.scrollHeight;
  });
  useEffect(() => {
    if (current === undefined) return;
    setFollowing(false);
    box.current
      ?.querySelector(`[data-number="${current}"]`)
      ?.scrollIntoView({ block: "center", inline: "nearest" });
  }, [current]);

  const onScroll = useCallback(() => {
    const element = box.current;
    if (element === null) return;
    setFollowing(element.scrollHeight - element.scrollTop - element.clientHeight < END_PX);
  }, []);
  const step = (by: 1 | -1) =>
    setAt((before) => (hits.length === 0 ? 0 : (before + by + hits.length) % hits.length));

  return (
    <section className="log" aria-label={props.label}>
      <div className="log-bar">
        <label className="filter">
          <span className="visually-hidden">Search in the output</span>
          <Icon name="search" size={14} />
          <input
            type="search"
            data-filter
            placeholder="Search in the output"
            value={needle}
            spellCheck={false}
            onChange={(event) => {
              setNeedle(event.target.value);
              setAt(0);
            }}
            onKeyDown={(event) => {
              if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
              if (event.key === "Escape") event.currentTarget.blur();
            }}
          />
          <kbd aria-hidden="true">/</kbd>
        </label>
        <span className="hits number" role="status">
          {needle === "" ? "" : hits.length === 0 ? "none" : `${at + 1} of ${hits.length}`}
        </span>
        <StreamWord output={props.output} lines={lines.length} />
        <button
          type="button"
          className="button ghost small"
          aria-pressed={wrap}
          onClick={() => setWrap(!wrap)}
        >
          <Icon name="wrap" size={14} /> Wrap
        </button>
        <button
          type="button"
          className="button ghost small"
          aria-pressed={following}
          onClick={() => setFollowing(!following)}
        >
          <Icon name={following ? "pause" : "play"} size={14} />
          {following ? "Following" : "Follow"}
        </button>
        <SaveButton lines={lines} fileName={props.fileName} />
      </div>
      <div
        ref={box}
        className={wrap ? "log-lines wrap" : "log-lines"}
        role="log"
        aria-live="off"
        aria-label={`${props.label}, ${count(lines.length, "line")}`}
        tabIndex={0}
        onScroll={onScroll}
      >
        {props.output.log.cut > 0 ? (
          <p className="log-cut">{count(props.output.log.cut, "earlier line")} not shown</p>
        ) : null}
        <LogLines lines={lines} needle={needle} current={current} />
        {lines.length === 0 ? (
          <p className="log-cut">
            {props.output.state === "ended" ? "There is no output." : "No output yet."}
          </p>
        ) : null}
      </div>
    </section>
  );
}

function StreamWord(props: { readonly output: UnitOutput; readonly lines: number }): ReactElement {
  const { state } = props.output;
  const words = {
    connecting: "connecting",
    live: "live",
    reconnecting: "reconnecting",
    ended: "complete",
  }[state];
  return (
    <span className="log-state" data-state={state}>
      <span className="live-dot" aria-hidden="true" />
      <span className="number">{`${count(props.lines, "line")}, ${words}`}</span>
    </span>
  );
}

function SaveButton(props: {
  readonly lines: readonly LogLine[];
  readonly fileName: string;
}): ReactElement {
  const say = useSay();
  const save = () => {
    const text = props.lines.map((line) => line.text).join("\n");
    const url = URL.createObjectURL(new Blob([`${text}\n`], { type: "text/plain" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = props.fileName;
    link.click();
    URL.revokeObjectURL(url);
    say(`Saved ${props.fileName}`);
  };
  return (
    <button type="button" className="button ghost small" onClick={save}>
      <Icon name="download" size={14} /> Save
    </button>
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
