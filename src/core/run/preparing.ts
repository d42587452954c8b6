import type { Account } from "../ids.ts";
import { isActive, type Run } from "./run.ts";

/** What a job finds out about the code of the head before it is known what there is to plan. */
export type Preparation = "index";

/** A plan run that began without dirspaces: they follow in the same job once the code is read. */
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
