import { type Context, Hono } from "hono";
import type { ChangedEvent } from "../contract/views.ts";
import type { Change, ViewStore } from "../ports/view-store.ts";
import { type ChangeFeed, LOOK_BACK } from "./change-feed.ts";
import { notFound } from "./errors.ts";
import { countOf, idOf } from "./handlers/params.ts";
import { pause, type Stream, type Streams } from "./stream.ts";

const OUTPUT_POLL_MS = 300;

export interface SseOptions {
  readonly views: ViewStore;
  readonly feed: ChangeFeed;
  readonly events: Streams;
  readonly outputs: Streams;
}

/** Live updates, below `/api/v1`. Both streams go on where the reader says it stopped. */
export function sseRoutes({ views, feed, events, outputs }: SseOptions): Hono {
  return new Hono()
    .get("/events", (context) => {
      const from = resumeFrom(context, "cursor");
      return events.open(context, (stream) => tellChanges(views, feed, stream, from));
    })
    .get("/runs/:run/output/:unit/stream", async (context) => {
      const run = idOf(context.req.param("run"));
      const unit = idOf(context.req.param("unit"));
      const after = resumeFrom(context, "after");
      const first = (after ?? -1) + 1;
      if ((await views.output(run, unit, first)) === undefined) throw notFound("output");
      return outputs.open(context, (stream) => tellOutput(views, stream, { run, unit, first }));
    });
}

/** A browser that lost the connection repeats the address and adds what it saw last, so that wins. */
function resumeFrom(context: Context, name: string): number | undefined {
  const text = context.req.header("last-event-id") ?? context.req.query(name);
  const count = countOf(text, -1);
  return count < 0 ? undefined : count;
}

async function tellChanges(
  views: ViewStore,
  feed: ChangeFeed,
  stream: Stream,
  resume: number | undefined,
): Promise<void> {
  const tell = (cursor: number, changes: readonly Change[]) => {
    const data: ChangedEvent = {
      cursor,
      pullRequests: changes.map(({ repositoryId, number }) => ({ repositoryId, number })),
    };
    stream.send({ event: "changed", data, id: cursor });
  };
  let cursor = 0;
  const listening = feed.listen((told) => {
    cursor = Math.max(cursor, told.cursor);
    tell(cursor, told.changes);
  });
  try {
    // The catching up begins after the listening, so that nothing falls between; telling twice is harmless.
    await listening.ready;
    let from = resume === undefined ? undefined : Math.max(resume - LOOK_BACK, 0);
    while (from !== undefined) {
      const missed: readonly Change[] = await views.changesAfter(from);
      from = missed.at(-1)?.seq;
      if (from !== undefined) tell(from, missed);
    }
    // Also with nothing to tell: the reader learns where it stands.
    tell(Math.max(cursor, await views.newestChange()), []);
    await aborted(stream.signal);
  } finally {
    listening.stop();
  }
}

async function tellOutput(
  views: ViewStore,
  stream: Stream,
  wanted: { readonly run: string; readonly unit: string; readonly first: number },
): Promise<void> {
  let next = wanted.first;
  while (!stream.signal.aborted) {
    const found = await views.output(wanted.run, wanted.unit, next);
    for (const { seq, text } of found?.chunks ?? []) {
      if (!stream.send({ event: "chunk", data: { seq, text }, id: seq })) return;
    }
    next = found?.nextSeq ?? next;
    if (found === undefined || found.ended) {
      stream.send({ event: "end", data: {}, id: Math.max(next - 1, 0) });
      return;
    }
    // A full answer means that more is there already.
    if (found.chunks.length === 0) await pause(OUTPUT_POLL_MS, stream.signal);
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
