/** Reconnects after 1, 2, 4, 8 s, then every 15 s. */
const BACKOFF_MS = [1_000, 2_000, 4_000, 8_000, 15_000] as const;

export type StreamState = "connecting" | "live" | "reconnecting" | "ended";

/**
 * One stream of server-sent events that goes on where it stopped: `url` is asked again before each attempt, because
 * the browser's own reconnection would repeat the first address. It is closed while the tab is hidden: over
 * HTTP/1.1 a browser opens six connections per server, and forgotten tabs would hold them all.
 */
export function openStream(options: {
  readonly url: () => string;
  readonly events: Readonly<Record<string, (data: string) => void>>;
  /** The event after which nothing follows. */
  readonly endsWith?: string;
  readonly onState: (state: StreamState) => void;
}): () => void {
  let source: EventSource | undefined;
  let timer: number | undefined;
  let failures = 0;
  let over = false;

  const close = () => {
    source?.close();
    source = undefined;
    window.clearTimeout(timer);
  };
  const connect = () => {
    if (over || source !== undefined || document.hidden) return;
    const opened = new EventSource(options.url());
    source = opened;
    opened.addEventListener("open", () => {
      failures = 0;
      options.onState("live");
    });
    opened.addEventListener("error", () => {
      close();
      if (over) return;
      options.onState("reconnecting");
      timer = window.setTimeout(connect, BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)]);
      failures += 1;
    });
    for (const [name, handle] of Object.entries(options.events)) {
      opened.addEventListener(name, (event: MessageEvent<string>) => handle(event.data));
    }
    if (options.endsWith !== undefined) {
      opened.addEventListener(options.endsWith, () => {
        over = true;
        close();
        options.onState("ended");
      });
    }
  };
  const onVisibility = () => (document.hidden ? close() : connect());

  document.addEventListener("visibilitychange", onVisibility);
  options.onState("connecting");
  connect();
  return () => {
    over = true;
    close();
    document.removeEventListener("visibilitychange", onVisibility);
  };
}
