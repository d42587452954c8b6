import { endingAlarm } from "../core/credential.ts";
import type { Metrics } from "../http/metrics.ts";
import type { VcsNotice } from "../http/services.ts";
import type { Adapters } from "../ports/adapters.ts";
import type { Log } from "../ports/log.ts";
import type { Credential, Vcs } from "../ports/vcs.ts";

const LOOK_EVERY_MS = 3_600_000;
const SAY_EVERY_MS = 24 * 3_600_000;

export interface CredentialWatch {
  /** Call every few seconds; it asks once an hour. */
  look(): Promise<void>;
  /** What was found, as of the last look. */
  notices(): readonly VcsNotice[];
}

interface Known {
  readonly credential: Credential;
  /** Since when its alarm was last put into the log. */
  readonly saidAt: number | undefined;
}

/** What lets this server into a VCS and ends one day: said while there is still time, and not only when everything stops. */
export function watchCredentials(options: {
  readonly connections: {
    readonly vcs: Adapters<Pick<Vcs, "credential">>;
    keys(): readonly string[];
  };
  readonly metrics: Pick<Metrics, "gauges">;
  readonly log: Log;
  readonly now: () => number;
}): CredentialWatch {
  const { connections, metrics, log, now } = options;
  const known = new Map<string, Known>();
  let lookedAt = Number.NEGATIVE_INFINITY;

  async function lookAt(key: string): Promise<void> {
    const credential = await (await connections.vcs.get(key))?.credential?.();
    // One that cannot be asked for now is as it was.
    if (credential?.kind !== "ok") return;
    const saidAt = known.get(key)?.saidAt;
    const notice = noticeOf(key, credential.value, now());
    const isDue = saidAt === undefined || now() - saidAt >= SAY_EVERY_MS;
    if (notice !== undefined && isDue) {
      const { message, next } = notice;
      log.warn({ vcs: key, next }, message);
    }
    const said = notice === undefined ? undefined : isDue ? now() : saidAt;
    known.set(key, { credential: credential.value, saidAt: said });
  }

  metrics.gauges(
    "vcs_credential_seconds",
    "Until what lets this server into a VCS ends; 0 where it is not taken any more",
    "vcs",
    () => Promise.resolve(secondsLeft(known, now())),
  );
  return {
    async look() {
      if (now() - lookedAt < LOOK_EVERY_MS) return;
      lookedAt = now();
      for (const key of connections.keys()) await lookAt(key);
    },
    notices: () =>
      [...known].flatMap(([key, { credential }]) => noticeOf(key, credential, now()) ?? []),
  };
}

function noticeOf(
  vcs: string,
  { name, renew: next, state }: Credential,
  now: number,
): VcsNotice | undefined {
  const message =
    state.kind === "refused" ? state.message : endingAlarm({ name, endsAt: state.endsAt }, now);
  return message === undefined ? undefined : { vcs, message, next };
}

function secondsLeft(
  known: ReadonlyMap<string, Known>,
  now: number,
): Readonly<Record<string, number>> {
  const left = [...known].flatMap(
    ([
      key,
      {
        credential: { state },
      },
    ]) => {
      if (state.kind === "refused") return [[key, 0] as const];
      if (state.endsAt === undefined) return [];
      return [[key, Math.max(0, Math.floor((state.endsAt - now) / 1_000))] as const];
    },
  );
  return Object.fromEntries(left);
}
