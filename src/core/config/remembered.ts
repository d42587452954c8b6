import { type EffectiveConfig, effectiveConfig } from "./effective.ts";
import type { ConfigSource } from "./source.ts";

/** Configurations kept; when there are more, all are forgotten. */
const KEPT_MAX = 64;
/** Longer ones are rare, and keeping them would cost more than reading them again. */
const CHARS_MAX = 64 * 1024;

const kept = new Map<string, EffectiveConfig>();

/**
 * The same as `effectiveConfig` for a pull request, read once for each text: the same few files are asked for with
 * every event. Equal sources give equal results, so nobody can tell whether it was kept (S30).
 */
export function rememberedConfig(sources: readonly ConfigSource[]): EffectiveConfig {
  const key = JSON.stringify(sources.map(({ source, file, text }) => [source, file, text]));
  const known = kept.get(key);
  if (known !== undefined) return known;
  const read = effectiveConfig(sources, "guarded");
  if (key.length > CHARS_MAX) return read;
  if (kept.size >= KEPT_MAX) kept.clear();
  kept.set(key, read);
  return read;
}
