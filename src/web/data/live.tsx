import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useState,
} from "react";
import * as z from "zod/mini";
import { ChangedEvent } from "../../contract/views.ts";
import { openStream, type StreamState } from "./stream.ts";

/** Without a connection the pages ask again this often. */
const POLL_MS = 10_000;
/** A run of fifty dirspaces reports in bursts; one refetch per burst is enough. */
const GATHER_MS = 80;

const LiveContext = createContext<StreamState>("connecting");

export function useLiveState(): StreamState {
  return useContext(LiveContext);
}

/** One stream for the whole dashboard: the server says what changed, the pages fetch what they show of it. */
export function LiveUpdates(props: {
  readonly enabled: boolean;
  readonly children: ReactNode;
}): ReactElement {
  const client = useQueryClient();
  const [state, setState] = useState<StreamState>("connecting");
  const { enabled } = props;

  useEffect(() => (enabled ? follow(client, setState) : undefined), [client, enabled]);
  useEffect(() => {
    if (!enabled || state !== "reconnecting") return undefined;
    const timer = window.setInterval(() => void client.invalidateQueries(), POLL_MS);
    return () => window.clearInterval(timer);
  }, [client, enabled, state]);

  return <LiveContext value={state}>{props.children}</LiveContext>;
}

function follow(client: QueryClient, setState: (state: StreamState) => void): () => void {
  let cursor: number | undefined;
  let waiting: ChangedEvent["pullRequests"] = [];
  let timer: number | undefined;

  const flush = () => {
    const changed = waiting;
    waiting = [];
    timer = undefined;
    invalidate(client, changed);
  };
  const stop = openStream({
    url: () => `/api/v1/events${cursor === undefined ? "" : `?cursor=${cursor}`}`,
    events: {
      changed: (data) => {
        const event = parse(data);
        if (event === undefined) return;
        cursor = event.cursor;
        waiting = [...waiting, ...event.pullRequests];
        timer ??= window.setTimeout(flush, GATHER_MS);
      },
    },
    onState: (state) => {
      setState(state);
      // What changed between the first fetch and the first event is otherwise never told.
      if (state === "live" && cursor === undefined) void client.invalidateQueries();
    },
  });
  return () => {
    window.clearTimeout(timer);
    stop();
  };
}

function invalidate(client: QueryClient, changed: ChangedEvent["pullRequests"]): void {
  for (const key of ["pulls", "runs", "run", "locks", "repositories", "setup"]) {
    void client.invalidateQueries({ queryKey: [key] });
  }
  for (const { repositoryId, number } of changed) {
    void client.invalidateQueries({ queryKey: ["pull", repositoryId, number] });
    void client.invalidateQueries({ queryKey: ["why", repositoryId, number] });
  }
}

function parse(data: string): ChangedEvent | undefined {
  try {
    const parsed = z.safeParse(ChangedEvent, JSON.parse(data));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
