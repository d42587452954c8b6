import {
  createContext,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useState,
} from "react";
import { absolute, ago, between, duration } from "./time.ts";

const TICK_MS = 5_000;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const NowContext = createContext(0);

/** One clock for the page, so that all relative times move together. */
export function Clock(props: { readonly children: ReactNode }): ReactElement {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), TICK_MS);
    return () => window.clearInterval(timer);
  }, []);
  return <NowContext value={now}>{props.children}</NowContext>;
}

export function useNow(): number {
  return useContext(NowContext);
}

export function Ago(props: { readonly at: string }): ReactElement {
  const now = useNow();
  return (
    <time dateTime={props.at} title={absolute(props.at)}>
      {ago(props.at, now)}
    </time>
  );
}

/** How long something took, or has been going on. */
export function Lasted(props: {
  readonly from: string | null;
  readonly to: string | null;
}): ReactElement | null {
  const { from, to } = props;
  if (from === null) return null;
  if (to === null) return <Going from={from} />;
  return <span className="number">{duration(between(from, to))}</span>;
}

/** In whole seconds: a number that changes while it is read needs no decimals. */
function Going(props: { readonly from: string }): ReactElement {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), SECOND_MS);
    return () => window.clearInterval(timer);
  }, []);
  const ms = Math.max(0, now - Date.parse(props.from));
  return (
    <span className="number">
      {ms < MINUTE_MS ? `${Math.floor(ms / SECOND_MS)} s` : duration(ms)}
    </span>
  );
}
