import { unreachable } from "../base/unreachable.ts";
import type { WorkDirspace } from "../contract/work.ts";
import type { Client } from "./client.ts";
import type { Stop } from "./stop.ts";

/** What the beat reports and asks, at the moment of each beat. */
export interface Pulse {
  readonly running: () => WorkDirspace[];
  /** While one runs, lost contact changes nothing: only its commands know how to end it safely. */
  readonly applying: () => boolean;
}

export interface HeartbeatOptions {
  readonly everyMs: number;
  /** So long without contact and nothing being applied: whoever waits for us has given up (S3). */
  readonly contactLostMs: number;
}

/** Beats until stopped; returns how to stop it. Cancellation comes back with the beat. */
export function startHeartbeat(
  client: Pick<Client, "heartbeat">,
  pulse: Pulse,
  stop: Stop,
  options: HeartbeatOptions,
): () => void {
  let lastContact = performance.now();
  let beating = false;

  async function beat(): Promise<void> {
    if (beating) return;
    beating = true;
    const reply = await client.heartbeat(pulse.running());
    beating = false;
    switch (reply.kind) {
      case "ok":
        lastContact = performance.now();
        if (reply.value.cancel) stop.request("The run was cancelled.");
        return;
      case "gone":
        stop.request("The server says that this run is over.");
        return;
      case "refused":
      case "unreachable": {
        const silentMs = performance.now() - lastContact;
        if (silentMs < options.contactLostMs || pulse.applying()) return;
        const minutes = Math.round(silentMs / 60_000);
        stop.request(`The server could not be reached for ${minutes} minutes.`);
        return;
      }
      default:
        unreachable(reply);
    }
  }

  const timer = setInterval(() => void beat(), options.everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
