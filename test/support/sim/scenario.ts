import { prng } from "../../../src/base/prng.ts";
import { unreachable } from "../../../src/base/unreachable.ts";
import { JOB_CAPS, type JobCaps } from "../../../src/core/schedule/caps.ts";
import { ENGINE_LIMITS, type EngineLimits } from "../../../src/engine/ports.ts";
import { CONFIGS, type SimConfig } from "./configs.ts";
import { drawIntensities, type Intensities } from "./faults.ts";
import { drawPace, type Pace } from "./network.ts";
import { drawOperations, type Operation } from "./operations.ts";
import { drawSize, type Size, type SizeName } from "./size.ts";
import { ANY, drawTheme, type Theme, themed } from "./theme.ts";
import { PERSONALITIES, type Personality } from "./vcs/personality.ts";

export interface ServerKind {
  readonly engine: EngineLimits;
  readonly skewMs: number;
}

/** Everything that is decided before a history begins; shrinking takes parts of it away. */
export interface Scenario {
  readonly seed: number;
  readonly theme: Theme;
  readonly intensities: Intensities;
  readonly personality: Personality;
  readonly config: SimConfig;
  readonly size: Size;
  readonly pace: Pace;
  /** The same for all servers. */
  readonly caps: JobCaps;
  readonly servers: readonly ServerKind[];
  readonly operations: readonly Operation[];
}

/** A history with a theme takes three times the steps of one without. */
const THEMED_TINY = 0.25;
const SKEW_MS = 5 * 60_000;

export interface Draw {
  /** Whatever the seed says. */
  readonly size?: SizeName | undefined;
  /** Tiny worlds are about something as often as large ones: dearer, and sooner where a bug is known to be there. */
  readonly alwaysThemed?: boolean;
}

export function drawScenario(seed: number, draw: Draw = {}): Scenario {
  // Far from the seed itself: neighbouring seeds have nothing in common.
  const rng = prng(Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1));
  const drawn = drawSize(rng.fork(), draw.size);
  const drawnTheme = drawTheme(rng.fork());
  const isPlain = drawn.name === "tiny" && draw.alwaysThemed !== true && !rng.chance(THEMED_TINY);
  const theme = isPlain ? ANY : drawnTheme;
  const size = sized(theme, drawn);
  const intensities = themed(theme, drawIntensities(rng.fork(), size.faulty), rng.fork());
  const caps = drawCaps(rng.pick([1, 2, 20]));
  // Nobody newer comes here, and a day of waiting tells no more than a few minutes.
  const limits = { ...ENGINE_LIMITS, jobs: caps, unknownTries: 5 };
  const servers = Array.from({ length: size.servers }, (_, at) => ({
    // Old and new servers work side by side and do not have the same patience (F10).
    engine: intensities.F10 > 0 && at > 0 ? impatient(limits, rng.below(3)) : limits,
    skewMs: rng.below(2 * SKEW_MS) - SKEW_MS,
  }));
  return {
    seed,
    theme,
    intensities,
    size,
    personality: rng.pick(PERSONALITIES),
    config: rng.pick(rulesOf(theme)),
    pace: drawPace(rng.fork()),
    caps,
    servers,
    operations: drawOperations(
      rng.fork(),
      intensities,
      size.operations,
      theme.eager > 0 ? size.pulls : 1,
    ),
  };
}

function sized(theme: Theme, size: Size): Size {
  const pulls = Math.max(size.pulls, theme.pulls ?? 1);
  return { ...size, pulls, dirs: theme.dirs ?? size.dirs };
}

function rulesOf({ rules }: Theme): readonly SimConfig[] {
  switch (rules) {
    case undefined:
      return CONFIGS;
    case "reviews":
      return CONFIGS.filter(({ approvals }) => approvals > 0);
    case "unlocked":
      return CONFIGS.filter(({ isUnlocked }) => isUnlocked === true);
    case "gates":
      return CONFIGS.filter(({ raisesGates }) => raisesGates === true);
    default:
      return unreachable(rules);
  }
}

function drawCaps(most: number): JobCaps {
  return { ...JOB_CAPS, repository: { max: most, of: new Map() } };
}

function impatient(limits: EngineLimits, how: number): EngineLimits {
  const factor = [0.5, 1, 3][how] ?? 1;
  const { silentAfterMs, claimWithinMs } = limits;
  return {
    ...limits,
    silentAfterMs: silentAfterMs * factor,
    claimWithinMs: claimWithinMs * factor,
  };
}
