import { renderResult } from "../../../../src/comment/result.ts";
import type { DirspaceKey } from "../../../../src/core/change/dirspace.ts";
import type { CommentStrategy } from "../../../../src/core/config/config.ts";
import type { PullRequestId } from "../../../../src/core/ids.ts";
import { keyOfComment } from "../../../../src/core/notify/outstanding.ts";
import { resultsOf, wantedComments } from "../../../../src/core/notify/wanted-comments.ts";
import { pageUrl } from "../../../../src/engine/publish.ts";
import { resultView } from "../../../../src/engine/result-view.ts";
import type { Told } from "../../../../src/ports/result-store.ts";
import type { World } from "../world.ts";
import type { Of } from "./invariant.ts";

export const resultsAreTold: Of<"end"> = {
  id: "L40",
  says: "in the end each ended run has one comment for each strategy of its policies, and what replaces others has hidden or deleted them",
  when: "end",
  check: async (world) => {
    for (const { id, number, repositoryId } of world.memory.tables.pullRequests.values()) {
      const told = await world.memory.engine.told(id);
      const wrong =
        replacedButShown(world, number, told) ??
        (await notAsWanted(world, { id, number, repositoryId }, told));
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  },
};

/** From the runs alone, without what the product makes of them. */
function replacedButShown(world: World, number: number, { runs }: Told): string | undefined {
  const comments = shownOf(world, number);
  const groups = runs.flatMap((run) => {
    const byStrategy = new Map<CommentStrategy, DirspaceKey[]>();
    for (const [key, strategy] of Object.entries(run.comments?.strategies ?? {})) {
      byStrategy.set(strategy, [...(byStrategy.get(strategy) ?? []), key as DirspaceKey]);
    }
    return [...byStrategy].map(([strategy, own]) => ({ run: run.number, strategy, own }));
  });
  for (const group of groups) {
    const replaces = groups.find(
      ({ run, strategy, own }) =>
        run > group.run && strategy !== "append" && own.some((key) => group.own.includes(key)),
    );
    const isShown = comments.has(keyOfComment(group));
    if (isShown && replaces !== undefined) {
      return `#${number}: ${keyOfComment(group)} is shown beside ${keyOfComment(replaces)}`;
    }
    if (
      !isShown &&
      groups.every(({ run, strategy }) => run <= group.run || strategy === "append")
    ) {
      return `#${number}: ${keyOfComment(group)} is not shown`;
    }
  }
  return undefined;
}

async function notAsWanted(
  world: World,
  row: { readonly id: PullRequestId; readonly number: number; readonly repositoryId: string },
  told: Told,
): Promise<string | undefined> {
  const { id, number, repositoryId } = row;
  const shown = shownOf(world, number);
  const wanted = wantedComments(told.runs).filter(({ fate }) => fate === "shown");
  const { commentCharsMax, numberSign } = world.scenario.personality;
  const dashboardUrl = pageUrl({ serverUrl: () => "http://sim" } as never, repositoryId, number);
  for (const comment of wanted) {
    const run = told.runs.find((one) => one.number === comment.run);
    const text = shown.get(keyOfComment(comment));
    if (run === undefined || text === undefined) {
      return `#${number} has no ${keyOfComment(comment)}`;
    }
    const results = await world.memory.engine.results(id, resultsOf(comment));
    const view = resultView(comment, run, results, { number, dashboardUrl });
    if (text !== renderResult(view, { commentCharsMax, numberSign })) {
      return `#${number}: ${keyOfComment(comment)} does not say what is stored`;
    }
  }
  return shown.size === wanted.length ? undefined : `#${number} shows too many results`;
}

function shownOf({ forge }: World, number: number): ReadonlyMap<string, string> {
  const results = forge.comments.filter(
    (one) => one.number === number && one.key.startsWith("result:") && one.outdated !== true,
  );
  return new Map(results.map(({ key, markdown }) => [key, markdown]));
}
