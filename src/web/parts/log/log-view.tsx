import { type ReactElement, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { count } from "../../../base/text.ts";
import type { UnitOutput } from "../../data/output.ts";
import { useSay } from "../announcer.tsx";
import { Icon, type IconName } from "../icon.tsx";
import { type LogLine, linesOf } from "./lines.ts";
import { LogLines } from "./log-lines.tsx";
import { SearchBox, useSearchIn } from "./search-box.tsx";

/** Closer to the end than this counts as "at the end". */
const END_PX = 24;
/** A log that follows its end until the reader scrolls up, and goes on when they return or say so. */
export function LogView(props: {
  readonly output: UnitOutput;
  readonly label: string;
  readonly fileName: string;
}): ReactElement {
  const { output, label } = props;
  const lines = useMemo(() => linesOf(output.log), [output.log]);
  const [wrap, setWrap] = useState(true);
  const { box, following, setFollowing, onScroll } = useFollowing();
  const search = useSearchIn(lines);
  const { current } = search;

  useEffect(() => {
    if (current === undefined) return;
    setFollowing(false);
    box.current
      ?.querySelector(`[data-number="${current}"]`)
      ?.scrollIntoView({ block: "center", inline: "nearest" });
  }, [current, box, setFollowing]);

  return (
    <section className="log" aria-label={label}>
      <div className="log-bar">
        <SearchBox search={search} />
        <StreamWord output={output} lines={lines.length} />
        <Toggle icon="wrap" label="Wrap" on={wrap} onChange={setWrap} />
        <Toggle
          icon={following ? "pause" : "play"}
          label={following ? "Following" : "Follow"}
          on={following}
          onChange={setFollowing}
        />
        <SaveButton lines={lines} fileName={props.fileName} />
      </div>
      <div
        ref={box}
        className={wrap ? "log-lines wrap" : "log-lines"}
        role="log"
        aria-live="off"
        aria-label={`${label}, ${count(lines.length, "line")}`}
        tabIndex={0}
        onScroll={onScroll}
      >
        {output.log.cut > 0 ? (
          <p className="log-cut">{count(output.log.cut, "earlier line")} not shown</p>
        ) : null}
        <LogLines lines={lines} needle={search.needle} current={current} />
        {lines.length === 0 ? (
          <p className="log-cut">
            {output.state === "ended" ? "There is no output." : "No output yet."}
          </p>
        ) : null}
      </div>
    </section>
  );
}

/** Keeps the end in view until the reader scrolls away from it. */
function useFollowing() {
  const [following, setFollowing] = useState(true);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (following && element !== null) element.scrollTop = element.scrollHeight;
  });
  useEffect(() => {
    const element = box.current;
    if (!following || element === null) return undefined;
    // A window that gets smaller, or a phone that is turned, must not lose the end.
    const resized = new ResizeObserver(() => {
      element.scrollTop = element.scrollHeight;
    });
    resized.observe(element);
    return () => resized.disconnect();
  }, [following]);
  const onScroll = useCallback(() => {
    const element = box.current;
    if (element === null) return;
    setFollowing(element.scrollHeight - element.scrollTop - element.clientHeight < END_PX);
  }, []);
  return { box, following, setFollowing, onScroll };
}

function Toggle(props: {
  readonly icon: IconName;
  readonly label: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
}): ReactElement {
  return (
    <button
      type="button"
      className="button ghost small"
      aria-pressed={props.on}
      onClick={() => props.onChange(!props.on)}
    >
      <Icon name={props.icon} size={14} /> {props.label}
    </button>
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
