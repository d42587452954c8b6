import { setTimeout as sleep } from "node:timers/promises";
import type { PullRequestDetail } from "../../contract/views.ts";
import type { Api } from "../api.ts";
import { UsageError } from "../host.ts";

const POLL_MS = 250;

export interface PullRef {
  readonly repository: string;
  readonly number: number;
}

/** Waits until nothing more happens by itself to the pull request; `until` adds a condition of the caller. */
export async function settled(
  api: Api,
  pull: PullRef,
  options: {
    readonly timeoutMs: number;
    readonly until?: (detail: PullRequestDetail) => boolean;
    readonly onChange?: (detail: PullRequestDetail) => void;
  },
): Promise<PullRequestDetail> {
  const deadline = performance.now() + options.timeoutMs;
  let shown = "";
  for (;;) {
    const detail = await api("pullRequest", { ...pull });
    const state = JSON.stringify(detail.dirspaces.map((one) => [one.key, one.phase]));
    if (state !== shown) {
      shown = state;
      options.onChange?.(detail);
    }
    if (detail.settled && (options.until?.(detail) ?? true)) return detail;
    if (performance.now() > deadline) {
      throw new UsageError(
        `Pull request ${pull.number} did not come to rest in ${Math.round(options.timeoutMs / 1000)} s.`,
        "Look at its page in the dashboard to see what it waits for.",
      );
    }
    await sleep(POLL_MS);
  }
}
