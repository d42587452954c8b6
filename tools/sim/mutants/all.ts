import type { Mutant } from "./mutant.ts";
import { OF_DECISIONS } from "./of-decisions.ts";
import { OF_THE_ENGINE } from "./of-the-engine.ts";
import { OF_THE_STORE } from "./of-the-store.ts";

/** Every one has to be found by something. */
export const MUTANTS: readonly Mutant[] = [...OF_DECISIONS, ...OF_THE_ENGINE, ...OF_THE_STORE];
