import { unreachable } from "../base/unreachable.ts";
import type { StoredRepository } from "../ports/engine-store.ts";

/** Effects that one server performs at the same time, of all targets. */
export const EFFECTS_MAX = 8;
/** Of one installation: half, so that the slowest leaves as much to the others. */
const INSTALLATION_SLOTS = EFFECTS_MAX / 2;
/** Of one host with all its installations: what is left over tells soon when another one works. */
const HOST_SLOTS = EFFECTS_MAX - 2;
/** Calls in a row that got no answer. One alone is an accident. */
const SILENCES_MAX = 3;
const SILENT_PAUSE_MS_MIN = 1_000;
const SILENT_PAUSE_MS_MAX = 30_000;
/** Limits of a VCS are over within an hour (L37); a clock that is far off must not close us for longer. */
const CLOSED_MS_MAX = 3_600_000;
/** Who found no slot looks again after this long at the earliest. */
const FULL_PAUSE_MS = 250;

/** Where an effect goes: the host that all its installations share, and the installation, which has limits of its own. */
export interface Target {
  readonly host: string;
  readonly installation: string;
}

/** What a server heard from the target of an effect. */
export type Heard =
  | { readonly kind: "answered" }
  /** No answer, or none of use. */
  | { readonly kind: "silent" }
  /** Nothing more is wanted of this installation for so long. */
  | { readonly kind: "closed"; readonly waitMs: number }
  /** It was never asked: the failure is our own. */
  | { readonly kind: "nothing" };

export type Entered =
  | { readonly kind: "entered"; leave(heard: Heard): void }
  | { readonly kind: "closed"; readonly pauseMs: number };

/**
 * Slots and pauses for each target, of this server: one that is slow, away or has had enough of us keeps nobody else's
 * effects from being performed. Each server learns by itself, which costs a call or two.
 */
export interface Lanes {
  enter(target: Target): Entered;
  /** The names of the lanes that nobody may enter now. */
  closed(): readonly string[];
}

interface Lane {
  readonly slots: number;
  running: number;
  silences: number;
  closedUntil: number;
}

/** `now` in milliseconds, of any clock that does not run backwards. */
export function createLanes(now: () => number): Lanes {
  const lanes = new Map<string, Lane>();

  function laneOf(name: string, slots: number): Lane {
    const known = lanes.get(name);
    if (known !== undefined) return known;
    const fresh = { slots, running: 0, silences: 0, closedUntil: Number.NEGATIVE_INFINITY };
    lanes.set(name, fresh);
    return fresh;
  }

  /** What says nothing that a new lane would not say is forgotten: there are as many as installations. */
  function forget(): void {
    for (const [name, lane] of lanes) {
      if (lane.running === 0 && lane.silences === 0 && lane.closedUntil <= now())
        lanes.delete(name);
    }
  }

  return {
    enter(target) {
      const [hostName, installationName] = laneNames(target);
      const host = laneOf(hostName, HOST_SLOTS);
      const installation = laneOf(installationName, INSTALLATION_SLOTS);
      const pauseMs = Math.max(pauseOf(host, now()), pauseOf(installation, now()));
      if (pauseMs > 0) return { kind: "closed", pauseMs };
      host.running += 1;
      installation.running += 1;
      return {
        kind: "entered",
        leave(heard) {
          host.running -= 1;
          installation.running -= 1;
          // A host that tells one installation to wait has answered.
          hear(host, heard.kind === "closed" ? { kind: "answered" } : heard, now());
          hear(installation, heard, now());
          forget();
        },
      };
    },
    closed: () => [...lanes].flatMap(([name, lane]) => (pauseOf(lane, now()) > 0 ? [name] : [])),
  };
}

export function laneNames({ host, installation }: Target): readonly [string, string] {
  return [`host:${host}`, `installation:${host}:${installation}`];
}

export function targetOf({ vcs, ref }: Pick<StoredRepository, "vcs" | "ref">): Target {
  return { host: vcs, installation: ref.installation };
}

/** Zero where it may be entered. */
function pauseOf({ slots, running, silences, closedUntil }: Lane, now: number): number {
  if (closedUntil > now) return Math.ceil(closedUntil - now);
  // After a silence one call finds out whether it is over.
  const open = silences >= SILENCES_MAX ? 1 : slots;
  return running >= open ? FULL_PAUSE_MS : 0;
}

function hear(lane: Lane, heard: Heard, now: number): void {
  switch (heard.kind) {
    case "answered":
      lane.silences = 0;
      break;
    case "silent": {
      lane.silences += 1;
      const more = lane.silences - SILENCES_MAX;
      if (more >= 0) {
        const pauseMs = SILENT_PAUSE_MS_MIN * 2 ** Math.min(more, 10);
        lane.closedUntil = now + Math.min(pauseMs, SILENT_PAUSE_MS_MAX);
      }
      break;
    }
    case "closed":
      lane.silences = 0;
      lane.closedUntil = Math.max(lane.closedUntil, now + Math.min(heard.waitMs, CLOSED_MS_MAX));
      break;
    case "nothing":
      break;
    default:
      unreachable(heard);
  }
}
