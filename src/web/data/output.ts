import { useEffect, useState } from "react";
import * as z from "zod/mini";
import { fillPath } from "../../contract/client.ts";
import { appendToLog, EMPTY_LOG, type Log } from "../parts/log/lines.ts";
import { openStream, type StreamState } from "./stream.ts";

const Chunk = z.object({ seq: z.number(), text: z.string() });

export interface UnitOutput {
  readonly log: Log;
  readonly state: StreamState;
}

const NOTHING: UnitOutput = { log: EMPTY_LOG, state: "connecting" };

/** The output of one unit from its first chunk on; after a lost connection from the first missing one. */
export function useOutput(run: string, unit: string): UnitOutput {
  const [output, setOutput] = useState<UnitOutput>(NOTHING);
  useEffect(() => {
    let last: number | undefined;
    let pending = "";
    let frame: number | undefined;
    const path = `/api/v1${fillPath("/runs/:run/output/:unit/stream", { run, unit })}`;

    // A plan prints hundreds of chunks a second; one render per frame shows them all.
    const flush = () => {
      frame = undefined;
      const text = pending;
      pending = "";
      setOutput((before) => ({ ...before, log: appendToLog(before.log, text) }));
    };
    setOutput(NOTHING);
    const stop = openStream({
      url: () => (last === undefined ? path : `${path}?after=${last}`),
      endsWith: "end",
      events: {
        chunk: (data) => {
          const chunk = parseChunk(data);
          // The server may repeat what it is not sure we saw.
          if (chunk === undefined || (last !== undefined && chunk.seq <= last)) return;
          last = chunk.seq;
          pending += chunk.text;
          frame ??= window.requestAnimationFrame(flush);
        },
      },
      onState: (state) => setOutput((before) => ({ ...before, state })),
    });
    return () => {
      stop();
      if (frame !== undefined) window.cancelAnimationFrame(frame);
    };
  }, [run, unit]);
  return output;
}

function parseChunk(data: string): z.infer<typeof Chunk> | undefined {
  try {
    const parsed = z.safeParse(Chunk, JSON.parse(data));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
