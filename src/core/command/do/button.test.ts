import { expect, test } from "vitest";
import { CoreWorld, person, sha } from "../../../../test/support/core-world.ts";

/** `net` is touched and planned. */
function planned(): CoreWorld {
  const world = new CoreWorld(["net/main.tf"], ["net/main.tf"]);
  world.changed();
  world.runnerPlans({});
  return world;
}

test.each<[string, string, string, number]>([
  // button            on the head?  what follows           runs
  ["terrane plan", "head", "accepted: plan_started", 2],
  ["terrane why", "head", "information: why_shown", 1],
  ["terrane apply", "head", "refused: button_unconfirmed", 1],
  ["terrane plan", "older", "refused: button_outdated", 1],
  ["terrane apply", "older", "refused: button_outdated", 1],
])("T7 the button for `%s`, pressed on the %s, leads to %s", (text, on, outcome, runs) => {
  const world = planned();
  const head = on === "head" ? world.view.headSha : sha(99);
  world.happens({ kind: "button_pressed", actor: person("bob"), text, head });
  const { notice } = world.snapshot.pullRequest;
  const said = notice?.reasons.map(({ code }) => code).join();
  expect(`${notice?.outcome}: ${said}`).toBe(outcome);
  expect(world.snapshot.runs).toHaveLength(runs);
});

/** `ann` opened it, and nothing was planned by itself. */
const UNPLANNED: Readonly<Record<string, (world: CoreWorld) => void>> = {
  "automatic plans are off": (world) => {
    world.config = "when_modified: {autoplan: false}";
  },
  "it is a draft": (world) => {
    world.config = "when_modified: {autoplan_draft_pr: false}";
    world.view = { ...world.view, draft: true };
  },
  "the author may not plan": (world) => {
    world.config = "access_control:\n  policies: [{tag_query: '', plan: ['user:bob']}]\n";
  },
};

test.each(Object.entries(UNPLANNED))(
  "T7 a button has no commit planned that nobody had planned before, where %s",
  (_, arrange) => {
    const world = new CoreWorld(["net/main.tf"], ["net/main.tf"]);
    arrange(world);
    world.changed();
    const press = (text = "terrane plan") =>
      world.happens({
        kind: "button_pressed",
        actor: person("bob"),
        text,
        head: world.view.headSha,
      });
    expect(press()).toContainEqual({
      code: "button_unconfirmed",
      login: "bob",
      wanted: "plan",
      dirspaces: ["net:default"],
    });
    expect(world.snapshot.runs).toEqual([]);
    // Once somebody asked for it in their own words, it may be made again.
    world.says("bob", "terrane plan");
    world.runnerPlans({});
    expect(press().map(({ code }) => code)).toEqual(["plan_started"]);
  },
);

test("T7 a button leaves no command behind for when the code is read", () => {
  const config = "when_modified: {autoplan: false}\nindexer: {enabled: true}";
  const world = new CoreWorld(["net/main.tf"], ["net/main.tf"], config);
  world.changed();
  const { headSha: head } = world.view;
  world.happens({ kind: "button_pressed", actor: person("bob"), text: "terrane plan", head });
  expect(world.snapshot.runs.map(({ preparing }) => preparing?.command)).toEqual([undefined]);
  expect(world.snapshot.pullRequest.notice?.reasons.map(({ code }) => code)).toEqual(["indexing"]);
});

test("T7 a button presses for nobody who may not do it", () => {
  const world = planned();
  world.permissions.set("mallory", "read");
  const press = { actor: person("mallory"), text: "terrane plan", head: world.view.headSha };
  world.happens({ kind: "button_pressed", ...press });
  expect(world.snapshot.pullRequest.notice).toMatchObject({
    outcome: "refused",
    reasons: [{ code: "not_permitted", login: "mallory" }],
  });
});
