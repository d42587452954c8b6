import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "hono";
import { busy } from "./errors.ts";

/** A comment this often keeps proxies from closing a quiet stream. */
const HEARTBEAT_MS = 15_000;
/** A reader this far behind is let go; it comes back and goes on where it stopped. */
const UNSENT_BYTES_MAX = 4 * 1024 * 1024;
/** A stream outlives no session by more than this: the reader comes back and is asked who it is. */
const AGE_MS = 60 * 60_000;
/** How soon a browser comes back by itself. */
const RETRY_MS = 1_000;

export interface EventOut {
  readonly event: string;
  readonly data: unknown;
  /** What the reader gives back as `Last-Event-ID`. */
  readonly id: number;
}

export interface Stream {
  /** False once the reader is gone. */
  send(event: EventOut): boolean;
  readonly signal: AbortSignal;
}

/** The open streams of one kind; bounded, and closed together when the server stops. */
export interface Streams {
  open(context: Context, run: (stream: Stream) => Promise<void>): Response;
  readonly count: () => number;
  closeAll(): void;
}

export function createStreams(countMax: number): Streams {
  const open = new Set<AbortController>();
  return {
    open(context, run) {
      if (open.size >= countMax) throw busy("Too many pages follow this server live.", 10);
      const over = new AbortController();
      open.add(over);
      const body = readable(over, run, () => open.delete(over));
      context.req.raw.signal.addEventListener("abort", () => over.abort(), { once: true });
      return new Response(body, {
        headers: {
          "content-type": "text/event-stream; charset=utf-8",
          "cache-control": "no-store",
          // Proxies that gather answers would hold back what is meant to be live.
          "x-accel-buffering": "no",
        },
      });
    },
    count: () => open.size,
    closeAll() {
      for (const over of open) over.abort();
    },
  };
}

function readable(
  over: AbortController,
  run: (stream: Stream) => Promise<void>,
  onClose: () => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const { signal } = over;
  let timer: NodeJS.Timeout | undefined;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const openedAt = performance.now();
        const write = (text: string): boolean => {
          if (signal.aborted) return false;
          const behind = UNSENT_BYTES_MAX - (controller.desiredSize ?? 0);
          if (behind > UNSENT_BYTES_MAX) {
            over.abort();
            return false;
          }
          controller.enqueue(encoder.encode(text));
          return true;
        };
        write(`retry: ${RETRY_MS}\n\n`);
        timer = setInterval(() => {
          write(": still here\n\n");
          if (performance.now() - openedAt > AGE_MS) over.abort();
        }, HEARTBEAT_MS);
        signal.addEventListener("abort", () => {
          clearInterval(timer);
          onClose();
          try {
            controller.close();
          } catch {
            // The reader closed it before us.
          }
        });
        run({ signal, send: (event) => write(encode(event)) })
          .catch(() => undefined)
          .finally(() => over.abort());
      },
      cancel() {
        over.abort();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: UNSENT_BYTES_MAX }),
  );
}

/** JSON holds no line break, so one `data` line is enough. */
function encode({ event, data, id }: EventOut): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Waits, or less long when the reader leaves. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
