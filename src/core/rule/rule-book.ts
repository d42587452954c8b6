import type { Config } from "../config/config.ts";
import type { Origins } from "../config/origins.ts";

/** The configuration that a decision consults, and where each of its values was written. */
export interface RuleBook {
  readonly config: Config;
  readonly origins: Origins;
}
