import { setTimeout as sleep } from "node:timers/promises";
import type { Params } from "../../src/contract/api.ts";
import type { PullRequestDetail } from "../../src/contract/views.ts";
import type { ServerProcess } from "./server-process.ts";

const PATIENCE_MS = 90_000;
const LOOK_EVERY_MS = 200;

/** The pull request as people see it, as soon as it is so. */
export async function pullRequestOnce(
  server: ServerProcess,
  which: Params,
  is: (now: PullRequestDetail) => boolean,
): Promise<PullRequestDetail> {
  const began = performance.now();
  for (;;) {
    const reply = await server.api("pullRequest", which);
    if (reply.kind === "ok" && is(reply.value)) return reply.value;
    if (performance.now() - began > PATIENCE_MS) {
      throw new Error(`not in time: ${JSON.stringify(reply)}\n${server.log().slice(-4_000)}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** Nothing that was started for it goes on. */
export function isOver({ runs }: PullRequestDetail): boolean {
  return runs.length > 0 && runs.every((run) => run.state === "ended");
}
