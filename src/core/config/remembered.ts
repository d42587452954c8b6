import { type EffectiveConfig, effectiveConfig } from "./effective.ts";
import type { ConfigSource } from "./source.ts";

/** Configurations kept, and their length together; when there is more, all are forgotten. */
const KEPT_MAX = 64;
const KEPT_CHARS_MAX = 4 * 1024 * 1024;
/** A file, what a builder printed, and the files of an owner; more is rare and read again. */
const CHARS_MAX = 1024 * 1024;

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
  const chars = [...kept.keys()].reduce((sum, other) => sum + other.length, key.length);
  if (kept.size >= KEPT_MAX || chars > KEPT_CHARS_MAX) kept.clear();
  kept.set(key, read);
  return read;
}
