import type { Hook } from "../core/config/hook.ts";
import type { RunSettings } from "../core/run/settings.ts";
import type { Said } from "./compatible-door.ts";

/** Of the hooks that existing runners know, those that may ask for approvals. */
const ASKING = ["gates", "run"] as const;

/**
 * Whether each hook after the dirspaces that may ask for approvals did, or had nothing to ask. One that was passed over
 * because something had failed is not in the results at all; the job was told of it, so it is missed by its number.
 */
export function haveAsked(settings: RunSettings | undefined, said: Said): boolean {
  if (said.kind === "failed" || said.isSilent) return false;
  const failed =
    said.failure !== undefined ||
    [...said.units.values()].some((unit) => unit.failure !== undefined);
  const hooks = settings?.hooks.post ?? [];
  return ASKING.every((type) => {
    const known = hooks.filter((hook) => hook.type === type);
    if (!known.some(mayAsk)) return true;
    // What is there for failures ran after one, and so would stand for another one that did not.
    const due = known.filter((hook) => failed || !isForFailures(hook));
    return said.hooks.post.filter(({ step }) => step === type).length >= due.length;
  });
}

function mayAsk(hook: Hook): boolean {
  return hook.type === "gates" || (hook.type === "run" && hook.onError.length > 0);
}

function isForFailures(hook: Hook): boolean {
  return (hook.type === "gates" || hook.type === "run") && hook.runOn === "failure";
}
