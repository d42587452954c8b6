import type { PullRequestView } from "../../../../src/core/pull-request.ts";
import type { Of } from "./invariant.ts";

export const converges: Of<"end"> = {
  id: "S23",
  says: "whatever was lost, doubled or out of order, in the end the store has what the forge has",
  when: "end",
  check: ({ memory, forge, scenario }) => {
    const shallow = scenario.intensities.F3 > 0;
    for (const row of memory.tables.pullRequests.values()) {
      if (!forge.pulls.has(row.number)) continue;
      const truth = seen(forge.view(row.number), shallow);
      const known = row.view && seen(row.view, shallow);
      if (known !== truth) return `#${row.number} is ${truth}, the store has ${known}`;
    }
    return undefined;
  },
};

/**
 * Of a pull request that is over nobody asks for news of its base. Where the forge gave an old answer to the question
 * that a review led to, only the next question brings it to light; the head is compared every few minutes.
 */
function seen(view: PullRequestView, shallow: boolean): string {
  const { state, headSha, baseRef, draft, reviews, baseSha, mergeSha } = view;
  if (state !== "open") return JSON.stringify([state, headSha, mergeSha]);
  if (shallow) return JSON.stringify([state, headSha]);
  return JSON.stringify([state, headSha, baseRef, draft, reviews, baseSha]);
}
