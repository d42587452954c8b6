import type { Button } from "../../core/vcs-event.ts";

export const BUTTONS: readonly Button[] = ["plan", "apply", "why"];

/** What "Re-run" means beside a check of that name. */
export const RERUN: Readonly<Record<string, Button | undefined>> = {
  "terrane plan": "plan",
  "terrane apply": "apply",
};

interface Action {
  /** At most 20 characters. */
  readonly label: string;
  /** At most 40 characters. */
  readonly description: string;
  /** At most 20 characters. */
  readonly identifier: string;
}

/** As GitHub shows them beside a check, three at most. */
export const ACTIONS: Readonly<Record<Button, Action>> = {
  plan: { label: "Re-plan", description: "Plan the pull request again", identifier: "plan" },
  apply: { label: "Apply", description: "How to apply what was reviewed", identifier: "apply" },
  why: { label: "Why", description: "Say why it stands where it does", identifier: "why" },
};

const PULL = /^pull-([1-9][0-9]{0,8})$/;

/** A check is of a commit, which may be the head of several pull requests: ours say of which one they are. */
export function externalIdOf(pull: number): string {
  return `pull-${pull}`;
}

/** Nothing for checks of before, and for those that somebody else made. */
export function pullOfCheck(externalId: string): number | undefined {
  const number = PULL.exec(externalId)?.[1];
  return number === undefined ? undefined : Number(number);
}
