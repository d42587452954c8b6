import type { Config, Notifications } from "./config/config.ts";

/** What the pull request shows beside its comment and its two checks, as configured; all of it is absent by default. */
export interface Showing {
  /** A check for each dirspace and phase, where there are no more dirspaces than that. */
  readonly dirspaceChecksMax?: number;
  /** Commit statuses, and the first word of their names. */
  readonly statuses?: StatusWord;
  readonly labels?: true;
  /** Checks of applies are made once an apply begins, and not from the plan on; `onNoop`: or once there is nothing to apply. */
  readonly lateApplyChecks?: { readonly onNoop: boolean };
}

export type StatusWord = Notifications["statuses"]["name"];

/** Undefined where nothing more than the usual is shown. */
export function showingOf({
  notifications,
  applyRequirements,
}: Pick<Config, "notifications" | "applyRequirements">): Showing | undefined {
  const { createPendingApplyCheck, createCompletedApplyCheckOnNoop: onNoop } = applyRequirements;
  const { dirspaceChecks, statuses, labels } = notifications;
  const showing = {
    ...(dirspaceChecks.enabled ? { dirspaceChecksMax: dirspaceChecks.max } : {}),
    ...(statuses.enabled ? { statuses: statuses.name } : {}),
    ...(labels.enabled ? { labels: true as const } : {}),
    ...(createPendingApplyCheck ? {} : { lateApplyChecks: { onNoop } }),
  };
  return Object.keys(showing).length === 0 ? undefined : showing;
}

const OWN_NAME = /^(?:terrane|terrateam) (?:plan|apply)(?:$|: )/;

/** Whether a check is ours by its name: what we say ourselves is no reason for us to wait. */
export function isOwnCheckName(name: string): boolean {
  return OWN_NAME.test(name);
}
