import type { FleetStore } from "../ports/fleet-store.ts";
import type { DeliveryLog } from "../ports/vcs.ts";
import type { EngineLog } from "./ports.ts";

const EVERY_MS = 5 * 60_000;
/** After that the VCS has forgotten a delivery. */
const LOOK_BACK_MS = 3 * 24 * 3_600_000;
/** What was under way when the log was last read is read again. */
const OVERLAP_MS = 10 * 60_000;
/** One look asks for so many; the next goes on with what is left. */
const REDELIVER_MAX = 100;

export interface Redelivering {
  readonly fleet: Pick<FleetStore, "takeDuty" | "keepCursor" | "heardOf">;
  readonly log: EngineLog;
}

/** S21: has a VCS that keeps a log of its deliveries repeat what did not reach us. Gives how many it asked for. */
export async function redeliverMissed(
  log: DeliveryLog,
  { fleet, log: say }: Redelivering,
): Promise<number> {
  const duty = `deliveries:${log.kind}`;
  const taken = await fleet.takeDuty(duty, EVERY_MS);
  if (taken.kind !== "taken") return 0;
  const earliest = taken.nowMs - LOOK_BACK_MS;
  const sinceMs = Math.max(Number(taken.cursor ?? 0), earliest);
  const missed = await log.missed(sinceMs);
  if (missed.kind !== "ok") {
    say.warn({ vcs: log.kind, failure: missed }, "the log of deliveries could not be read");
    return 0;
  }
  // Where only our answer was late the delivery itself is stored.
  const heard = await fleet.heardOf(
    log.kind,
    missed.value.map((one) => one.guid),
  );
  const lost = missed.value.filter((one) => !heard.has(one.guid));
  let asked = 0;
  let doneUntilMs = taken.nowMs;
  for (const one of lost) {
    const answer = asked < REDELIVER_MAX ? await log.redeliver(one.id) : undefined;
    // Too old, or gone: asking again would not help.
    if (answer?.kind === "ok" || answer?.kind === "rejected" || answer?.kind === "not_found") {
      asked += 1;
      continue;
    }
    doneUntilMs = one.deliveredAtMs;
    break;
  }
  if (asked > 0) say.warn({ vcs: log.kind, asked }, "deliveries were missed; asked for them again");
  await fleet.keepCursor(duty, String(doneUntilMs - OVERLAP_MS));
  return asked;
}
