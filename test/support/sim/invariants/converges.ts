import type { PullRequestView } from "../../../../src/core/pull-request.ts";
import type { Of } from "./invariant.ts";

export const converges: Of<"end"> = {
  id: "S23",
  says: "whatever was lost, doubled or out of order, in the end the store has what the forge has",
  when: "end",
  check: ({ memory, forge }) => {
    for (const row of memory.tables.pullRequests.values()) {
      if (!forge.pulls.has(row.number)) continue;
      const truth = seen(forge.view(row.number));
      const known = row.view && seen(row.view);
      if (known !== truth) return `#${row.number} is ${truth}, the store has ${known}`;
    }
    return undefined;
  },
};

/** Of a pull request that is over nobody asks for news of its base. */
function seen(view: PullRequestView): string {
  const { state, headSha, baseRef, draft, reviews, baseSha, mergeSha } = view;
  if (state !== "open") return JSON.stringify([state, headSha, mergeSha]);
  return JSON.stringify([state, headSha, baseRef, draft, reviews, baseSha]);
}
