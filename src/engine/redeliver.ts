import type { FleetStore } from "../ports/fleet-store.ts";
import type { DeliveryLog, MissedDelivery } from "../ports/vcs.ts";
import type { EngineLog } from "./ports.ts";

const EVERY_MS = 5 * 60_000;
/** While something is left of the last round. */
const SOON_MS = 60_000;
/** After that the VCS has forgotten a delivery. */
const LOOK_BACK_MS = 3 * 24 * 3_600_000;
/** What was under way when the log was last read is read again. */
const OVERLAP_MS = 10 * 60_000;
/** A third of the writes that a VCS lets an app make in a minute: the others are for its tokens. */
const REDELIVER_MAX = 60;

export interface Redelivering {
  readonly fleet: Pick<FleetStore, "takeDuty" | "keepCursor" | "heardOf">;
  readonly log: EngineLog;
}

/** Reads the log from its newest entry back to `sinceMs`, in as many looks as it takes. */
interface Round {
  readonly sinceMs: number;
  /** Where the next one ends: when this one began, or with the oldest that it left. */
  readonly nextMs: number;
  /** Where the last look ended; `undefined` at the newest entry. */
  readonly from: string | undefined;
}

/** S21: has a VCS that keeps a log of its deliveries repeat what did not reach us. Gives how many it asked for. */
export async function redeliverMissed(
  log: DeliveryLog,
  { fleet, log: say }: Redelivering,
): Promise<number> {
  const duty = `deliveries:${log.kind}`;
  const taken = await fleet.takeDuty(duty, SOON_MS);
  if (taken.kind !== "taken") return 0;
  const { nowMs, cursor = "0" } = taken;
  const round = dueRound(cursor, nowMs);
  if (round === undefined) return 0;
  const { sinceMs, from } = round;
  const missed = await log.missed({ sinceMs, ...(from === undefined ? {} : { from }) });
  if (missed.kind !== "ok") {
    const isRefused = missed.kind === "rejected" || missed.kind === "not_found";
    if (from === undefined || !isRefused) {
      say.warn({ vcs: log.kind, failure: missed }, "the log of deliveries could not be read");
      return 0;
    }
    const message = "the log of deliveries cannot be read on from where the last look ended; anew";
    say.error({ vcs: log.kind, failure: missed }, message);
    await fleet.keepCursor(duty, text({ ...round, from: undefined }));
    return 0;
  }
  const { deliveries, next } = missed.value;
  const guids = deliveries.map((one) => one.guid);
  // Where only our answer was late the delivery itself is stored.
  const heard = await fleet.heardOf(log.kind, guids);
  const lost = deliveries.filter((one) => !heard.has(one.guid));
  const left = await askFor(log, lost);
  const asked = lost.length - left.length;
  if (asked > 0) say.warn({ vcs: log.kind, asked }, "deliveries were missed; asked for them again");
  const nextMs = Math.min(round.nextMs, ...left.map((one) => one.deliveredAtMs));
  const sofar = { ...round, nextMs };
  // Of a round of several looks an earlier one may have left something, and it took its time.
  const isThrough = left.length === 0 && from === undefined;
  await fleet.keepCursor(
    duty,
    next === undefined ? over(sofar, isThrough) : text({ ...sofar, from: next }),
  );
  return asked;
}

/** First what somebody waits for, of that the oldest. Gives what was not asked for. */
async function askFor(
  log: DeliveryLog,
  lost: readonly MissedDelivery[],
): Promise<readonly MissedDelivery[]> {
  const inOrder = [...lost.filter((one) => one.urgent), ...lost.filter((one) => !one.urgent)];
  for (const [asked, one] of inOrder.entries()) {
    if (asked === REDELIVER_MAX) return inOrder.slice(asked);
    const answer = await log.redeliver(one.id);
    // Too old, or gone: asking again would not help.
    const isDone =
      answer.kind === "ok" || answer.kind === "rejected" || answer.kind === "not_found";
    if (!isDone) return inOrder.slice(asked);
  }
  return [];
}

/** `undefined`: nothing is left of the last round, and it is too early for the next. */
function dueRound(cursor: string, nowMs: number): Round | undefined {
  const [since = "", next = "", from = ""] = cursor.split(" ");
  const known = Number(since);
  if (next === "" && nowMs - known - OVERLAP_MS < EVERY_MS) return undefined;
  const sinceMs = Math.max(known, nowMs - LOOK_BACK_MS);
  if (from === "") return { sinceMs, nextMs: nowMs, from: undefined };
  return { sinceMs, nextMs: Number(next), from };
}

/** A number alone is a round of which nothing is left. */
function over({ nextMs }: Round, isThrough: boolean): string {
  const sinceMs = nextMs - OVERLAP_MS;
  return isThrough ? String(sinceMs) : text({ sinceMs, nextMs, from: undefined });
}

function text({ sinceMs, nextMs, from = "" }: Round): string {
  return `${sinceMs} ${nextMs} ${from}`;
}
