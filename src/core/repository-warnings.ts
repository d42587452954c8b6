import { unreachable } from "../base/unreachable.ts";
import type { Derived } from "./change/derived.ts";
import { findUnused } from "./change/unused.ts";
import { findDangerous } from "./config/dangerous.ts";
import type { Diagnostic } from "./config/diagnostic.ts";
import type { EffectiveConfig } from "./config/effective.ts";
import { toDiagnostics } from "./config/origins.ts";
import { CONFIG_PATHS } from "./fact.ts";
import type { FileChange } from "./pull-request.ts";

/** What a configuration says in vain or to its own danger, which only the repository shows. */
export function repositoryWarnings(
  { raw, config, origins }: Extract<EffectiveConfig, { kind: "ok" }>,
  derived: Derived,
): readonly Diagnostic[] {
  return toDiagnostics([...findUnused(derived), ...findDangerous(raw, config)], origins);
}

/** Whoever changes the configuration hears about it; everybody else has something else to do. */
export function touchesConfig(changes: readonly FileChange[]): boolean {
  const isConfig = (path: string): boolean => CONFIG_PATHS.some((known) => known === path);
  return changes.some((change) => {
    switch (change.kind) {
      case "renamed":
        return isConfig(change.from) || isConfig(change.to);
      case "added":
      case "modified":
      case "deleted":
        return isConfig(change.path);
      default:
        return unreachable(change);
    }
  });
}
