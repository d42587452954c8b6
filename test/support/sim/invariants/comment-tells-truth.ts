import { renderSticky } from "../../../../src/comment/sticky.ts";
import { commentView } from "../../../../src/engine/comment-view.ts";
import { pageUrl } from "../../../../src/engine/publish.ts";
import type { Of } from "./invariant.ts";

/**
 * One that was closed without a merge is not told what others do to the same directories: its comment stays as it was.
 * Times of rendering differ, and so may the age of what is shown.
 */
const TIMES = /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?( ?UTC|Z)?/g;

export const commentTellsTruth: Of<"end"> = {
  id: "L40",
  says: "in the end a pull request that is open or merged has one comment, and it shows what is stored",
  when: "end",
  check: async ({ memory, forge, scenario }) => {
    for (const row of memory.tables.pullRequests.values()) {
      const shown = forge.comments.find(
        (one) => one.number === row.number && one.key === "terrane",
      );
      const reported = await memory.engine.reported(row.id);
      const view = reported?.snapshot.pullRequest.view;
      if (shown === undefined || reported === undefined || view === undefined) continue;
      if (view.state === "closed") continue;
      const page = pageUrl(
        { serverUrl: () => "http://sim" } as never,
        row.repositoryId,
        row.number,
      );
      const { commentCharsMax, numberSign } = scenario.personality;
      const flavour = { commentCharsMax, numberSign };
      const truth = renderSticky(commentView(reported, view, page), flavour);
      if (truth.replace(TIMES, "") !== shown.markdown.replace(TIMES, "")) {
        return `the comment of #${row.number} is not what is stored`;
      }
    }
    return undefined;
  },
};
