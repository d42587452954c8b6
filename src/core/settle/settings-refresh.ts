import { canonicalJson } from "../../base/canonical-json.ts";
import { type DirspaceKey, dirspaceKey } from "../change/dirspace.ts";
import type { Draft } from "../draft.ts";
import type { Inputs } from "../inputs.ts";
import { placesOf } from "../rule/rule-place.ts";
import { changedKeys, pathOfKey } from "../run/plan-basis.ts";
import type { StaleBecause } from "../run/work.ts";

/**
 * S10: the configuration moved and the head did not: the central repository's, the default branch's, or what it says about
 * another target branch. A plan that would not be made as it was is stale. One that is being made is looked at once it is
 * there, and after a merge everything is as it was reviewed.
 */
export function refreshSettings(draft: Draft, { affected, config, book, view }: Inputs): void {
  if (view.state === "merged") return;
  const now = new Map<DirspaceKey, (typeof affected)[number]>(
    affected.map((one) => [dirspaceKey(one.dirspace), one]),
  );
  const found = new Map<string, { readonly because: SettingsChanged; dirspaces: DirspaceKey[] }>();
  for (const { key, plan } of draft.now().dirspaces) {
    const wanted = now.get(key);
    if (wanted === undefined || plan?.basis === undefined) continue;
    if (plan.state !== "planned" || plan.stale !== undefined || plan.headSha !== view.headSha) {
      continue;
    }
    const keys = changedKeys(plan.basis, wanted, config);
    if (keys.length === 0) continue;
    const paths = keys.map((one) => pathOfKey(one, wanted));
    const because = {
      kind: "settings_changed",
      keys,
      rules: placesOf(book.origins, paths),
    } as const;
    draft.write({ kind: "mark_stale", runId: plan.runId, dirspace: key, because });
    const alike = canonicalJson(because);
    const group = found.get(alike) ?? { because, dirspaces: [] };
    group.dirspaces.push(key);
    found.set(alike, group);
  }
  for (const { because, dirspaces } of found.values()) {
    draft.because({ code: "plan_stale", dirspaces, because });
  }
}

type SettingsChanged = Extract<StaleBecause, { kind: "settings_changed" }>;
