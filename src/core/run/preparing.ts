import { unreachable } from "../../base/unreachable.ts";
import type { Account } from "../ids.ts";
import { isActive, type Run } from "./run.ts";

/** In the order in which a job does them: what one finds out, the next may depend on. */
export type Stage = "tree" | "config" | "index";

/**
 * What a job finds out about the head before it is known what there is to plan. A builder's answer belongs to what
 * it was asked, so its digest is part of the name. With the commit behind it, this is the key of the fact.
 */
export type Preparation = "index" | `built_tree:${string}` | `built_config:${string}`;

/** As the configuration calls them. */
export type BuilderName = "tree_builder" | "config_builder";

/** What a job runs for a builder. */
export interface BuilderOrder {
  readonly script: string;
  /** On its standard input. */
  readonly input?: string;
}

/** A plan run that began without dirspaces: they follow in the same job once everything is found out. */
export interface Preparing {
  readonly prepares: readonly Preparation[];
  /** Those that are stored. */
  readonly prepared: readonly Preparation[];
  readonly command: WaitingCommand | undefined;
}

/** A command that cannot be carried out before the code is read; then it goes on by itself. */
export interface WaitingCommand {
  readonly text: string;
  readonly actor: Account;
}

/** An active run whose job waits for dirspaces, or will. */
export function isUnfilled(run: Run): run is Run & { readonly preparing: Preparing } {
  return isActive(run) && run.preparing !== undefined && run.works.length === 0;
}

/** All that it was to find out is stored. */
export function isPrepared({ prepares, prepared }: Preparing): boolean {
  return prepares.every((one) => prepared.includes(one));
}

/** Of what a builder is asked: its answer says it, so that it is taken for no other. */
export function askedOf(what: Preparation): string | undefined {
  return what.split(":", 2)[1];
}

export function stageOf(what: Preparation): Stage {
  const [kind] = what.split(":", 1) as ["index" | "built_tree" | "built_config"];
  switch (kind) {
    case "index":
      return "index";
    case "built_tree":
      return "tree";
    case "built_config":
      return "config";
    default:
      return unreachable(kind);
  }
}
