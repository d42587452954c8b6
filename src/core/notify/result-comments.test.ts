import { expect, test } from "vitest";
import { CoreWorld, sha } from "../../../test/support/core-world.ts";
import type { ResultComments } from "./result-comments.ts";

const FILES = ["app/main.tf", "db/main.tf", "net/main.tf"];
const POLICIES = `notifications:
  policies:
    - {tag_query: "dir:net", comment_strategy: append}
    - {tag_query: "dir:net or dir:db", comment_strategy: delete}
`;

function opened(config: string | undefined): CoreWorld {
  const world = new CoreWorld(FILES, FILES, config);
  world.changed();
  return world;
}

/** Of the run that the last event started. */
function commentsOf({ last }: CoreWorld): ResultComments | undefined {
  const started = last?.writes.flatMap((write) =>
    write.kind === "create_run" || write.kind === "fill_run" ? [write.run] : [],
  );
  return started?.at(-1)?.settings?.resultComments;
}

function wishes(world: CoreWorld): number {
  return world.effects().filter((kind) => kind === "publish_results").length;
}

test("the first policy that matches a dirspace decides; one that none speaks of is not told of", () => {
  expect(commentsOf(opened(POLICIES))).toEqual({
    summary: false,
    strategies: { "db:default": "delete", "net:default": "append" },
  });
  const all = `${POLICIES}    - {tag_query: ""}\n  summary: {enabled: true}\n`;
  expect(commentsOf(opened(all))).toEqual({
    summary: true,
    strategies: { "app:default": "minimize", "db:default": "delete", "net:default": "append" },
  });
});

test.each([
  undefined,
  "notifications: {summary: {enabled: true}}\n",
  "notifications: {policies: []}\n",
  "notifications: {policies: [{tag_query: 'dir:elsewhere', comment_strategy: append}]}\n",
])("without a policy that speaks of them, by %j, nobody is told of a run's end", (config) => {
  const world = opened(config);
  expect(commentsOf(world)).toBeUndefined();
  world.runnerPlans({});
  expect(wishes(world)).toBe(0);
});

const ENDS: readonly (readonly [string, (world: CoreWorld) => void])[] = [
  ["it is done", (world) => world.runnerPlans({ "db:default": "failed" })],
  ["its job dies", (world) => world.ends(world.snapshot.runs.at(-1)?.id ?? "", "failure")],
  ["it is cancelled", (world) => world.says("bob", "terrane cancel")],
  [
    "a newer commit is pushed",
    (world) => {
      world.view = { ...world.view, headSha: sha(11) };
      world.changed();
    },
  ],
];

test.each(ENDS)("a run that a policy speaks of is told of when %s", (_, end) => {
  const world = opened(POLICIES);
  expect(wishes(world)).toBe(0);
  end(world);
  expect(wishes(world)).toBe(1);
});

test("an apply is told of, and what could not be said is said once somebody is there again", () => {
  const world = opened(POLICIES);
  world.runnerPlans({});
  world.says("bob", "terrane apply");
  world.runnerApplies();
  expect(wishes(world)).toBe(1);
  world.changed();
  expect(wishes(world)).toBe(0);
  world.happens({ kind: "pull_request_changed", hint: "standing" });
  expect(wishes(world)).toBe(1);
});

test("an unlock has the comments about older runs looked at, though a decision sees the last few alone", () => {
  const world = opened(POLICIES);
  world.runnerPlans({});
  world.says("bob", "terrane apply");
  world.runnerApplies();
  const runs = world.snapshot.runs.map(({ told: _, ...run }) => run);
  world.snapshot = { ...world.snapshot, runs };
  world.says("bob", "terrane unlock");
  expect(wishes(world)).toBe(1);
});
