import type { Prng } from "../../../src/base/prng.ts";
import type { FaultClass, Intensities } from "./faults.ts";

/** Between what a job does and the next thing it does: where whatever happens matters most. */
export type Moment =
  /** The code and the state are read, and the plan is not stored yet. */
  | "planning"
  /** The reviewed plan is there, and the permission is not asked for yet. */
  | "granting"
  /** The permission is on its way, and the tool has not begun. */
  | "granted"
  /** The tool is changing infrastructure. */
  | "applying"
  /** The tool has ended, and nobody has been told. */
  | "reporting"
  /** Somebody has been told. */
  | "reported";

/** What a history is about. Without one a random history seldom comes to an apply, and then nothing happens beside it. */
export interface Theme {
  readonly name: ThemeName;
  /** How likely it is that somebody who sees the comment change does the next sensible thing. */
  readonly eager: number;
  /** How likely somebody, or something, gets in between at each of the moments. */
  readonly moments: Readonly<Partial<Record<Moment, number>>>;
  /** How long the tool works, at most. */
  readonly applyMs: number;
  /** These happen whatever else was drawn; of the others fewer do. */
  readonly faults: readonly FaultClass[];
  /** The repository's rules are of this kind; any, where it is not given. */
  readonly rules?: "reviews" | "unlocked" | "gates";
  /** Pull requests and directories, where that is what it is about. */
  readonly pulls?: number;
  readonly dirs?: readonly string[];
}

export type ThemeName =
  | "any"
  | "calm"
  | "races"
  | "rivals"
  | "reviews"
  | "gates"
  | "silence"
  | "thieves";

const LONG_MS = 10 * 60_000;
const SHORT_MS = 30_000;

/** Whatever the dice say. */
export const ANY: Theme = {
  name: "any",
  eager: 0,
  moments: { granting: 0.3 },
  applyMs: SHORT_MS,
  faults: [],
};

/** The weight of each, and what it is. */
const THEMES: readonly (readonly [weight: number, theme: Theme])[] = [
  [6, ANY],
  // Nothing gets in between: whatever is not done in the end was forgotten.
  [1, { name: "calm", eager: 1, moments: {}, applyMs: SHORT_MS, faults: [] }],
  // One dirspace, and the ground moves under every step.
  [
    4,
    {
      name: "races",
      eager: 0.9,
      moments: { planning: 0.2, granting: 0.4, granted: 0.2, applying: 0.4, reporting: 0.2 },
      // Long enough that whatever happened meanwhile is decided before it ends.
      applyMs: 4 * 60_000,
      faults: ["F8"],
      pulls: 1,
    },
  ],
  // Two pull requests want the same, and no lock may keep them apart.
  [
    4,
    {
      name: "rivals",
      eager: 0.9,
      moments: { planning: 0.2, granting: 0.2, applying: 0.3 },
      applyMs: 4 * 60_000,
      faults: ["F8"],
      rules: "unlocked",
      pulls: 2,
      dirs: ["net"],
    },
  ],
  // Approvals come and go.
  [
    3,
    {
      name: "reviews",
      eager: 0.9,
      moments: { planning: 0.3, granting: 0.4, applying: 0.2 },
      applyMs: SHORT_MS,
      faults: ["F8"],
      rules: "reviews",
    },
  ],
  // What plans find has to be approved, and the code moves on meanwhile.
  [
    3,
    {
      name: "gates",
      eager: 0.9,
      moments: { planning: 0.2, granting: 0.3 },
      applyMs: SHORT_MS,
      faults: ["F8"],
      rules: "gates",
    },
  ],
  // Applies are long, and jobs are not heard of for a while or ever again.
  [
    2,
    {
      name: "silence",
      eager: 0.9,
      moments: { granted: 0.3, applying: 0.5, reporting: 0.3 },
      applyMs: LONG_MS,
      faults: ["F5", "F6"],
    },
  ],
  // Runners were broken into, and what was sent once comes again.
  [
    2,
    {
      name: "thieves",
      eager: 0.9,
      moments: { reporting: 0.4, reported: 0.6 },
      applyMs: SHORT_MS,
      faults: ["F2"],
    },
  ],
];

export function drawTheme(rng: Prng): Theme {
  let at = rng.below(THEMES.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, theme] of THEMES) {
    at -= weight;
    if (at < 0) return theme;
  }
  throw new RangeError("the point lies beyond all weights");
}

/** A theme brings its own faults; of those that were drawn beside them it leaves some, so that they meet. */
export function themed(theme: Theme, drawn: Intensities, rng: Prng): Intensities {
  if (theme.name === "any") return drawn;
  const entries = Object.entries(drawn).map(([name, strength]) => {
    if (theme.faults.some((one) => one === name)) return [name, 1];
    return [name, theme.name !== "calm" && rng.chance(0.4) ? strength : 0];
  });
  return Object.fromEntries(entries) as Record<FaultClass, number>;
}
