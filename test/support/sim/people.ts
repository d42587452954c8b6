import { type Prng, prng } from "../../../src/base/prng.ts";
import type { Account, PullRequestId } from "../../../src/core/ids.ts";
import type { Permission } from "../../../src/core/pull-request.ts";
import { BAD_CONFIGS, CONFIGS } from "./configs.ts";
import type { Operation } from "./operations.ts";
import { account, DEFAULT_BRANCH } from "./vcs/forge.ts";
import type { World } from "./world.ts";

const CONFIG_PATH = ".terrane/config.yml";

export const PEOPLE: Readonly<Record<string, Permission>> = {
  ann: "write",
  bob: "write",
  cara: "admin",
  dan: "read",
  eve: "none",
};

const COMMANDS = [
  "terrane plan",
  "terrane apply",
  "terrane apply",
  "terrane apply dir:app",
  "terrane apply dir:net",
  "terrane unlock",
  "terrane unlock 1",
  "terrane unlock 2",
  "terrane apply-force",
  "terrane gate approve security",
  "terrane help",
  "terrane aply",
  "looks good to me",
];

/** What people do with the forge. Each gets the world and its own dice; false where there was nothing to do. */
export function act(world: World, { kind, dice }: Operation): void {
  const rng = prng(dice);
  const does = DEEDS[kind as keyof typeof DEEDS];
  does?.(world, rng);
}

export function somebody(rng: Prng): Account {
  return account(rng.pick(["ann", "bob", "bob", "cara", "cara", "dan", "eve"]));
}

function somePull(world: World, rng: Prng, state?: "open" | "closed"): number | undefined {
  const pulls = [...world.forge.pulls.values()].filter(
    (one) => state === undefined || one.state === state,
  );
  return pulls.length === 0 ? undefined : rng.pick(pulls).number;
}

function newCode(world: World, rng: Prng): Record<string, string> {
  const all = world.scenario.size.dirs;
  const dirs = rng.chance(0.3) ? rng.shuffle(all).slice(0, 2) : [rng.pick(all)];
  return Object.fromEntries(dirs.map((dir) => [`${dir}/main.tf`, world.forge.newId("code")]));
}

function say(world: World, number: number, who: Account, text: string): void {
  world.forge.say(number, who, text);
}

/** The sensible next step, as somebody who reads the comment would take it. */
function next(world: World, rng: Prng): void {
  const number = somePull(world, rng, "open");
  if (number === undefined) return;
  const pull = world.forge.pull(number);
  const approved = pull.reviews.some(
    (one) => one.verdict === "approved" && one.commit === pull.headSha,
  );
  if (!approved && rng.chance(0.5)) approve(world, rng, number);
  else if (world.isApplied(number) && rng.chance(0.6)) world.forge.merge(number);
  else say(world, number, account(rng.pick(["ann", "bob"])), "terrane apply");
}

export function approve(world: World, rng: Prng, number: number): void {
  const pull = world.forge.pull(number);
  const reviewer = account(rng.pick(["bob", "cara", "ann"]));
  const verdict = rng.chance(0.85) ? "approved" : "changes_requested";
  world.forge.review(number, { reviewer, verdict, commit: pull.headSha });
}

function push(world: World, rng: Prng, files: Record<string, string | undefined>): void {
  const number = somePull(world, rng, "open");
  if (number === undefined) return;
  const { headSha } = world.forge.pull(number);
  world.forge.push(number, world.forge.commits.change(headSha, files));
}

type Deed = (world: World, rng: Prng) => void;

function onPull(
  state: "open" | "closed" | undefined,
  does: (world: World, rng: Prng, number: number) => void,
): Deed {
  return (world, rng) => {
    const number = somePull(world, rng, state);
    if (number !== undefined) does(world, rng, number);
  };
}

const DEEDS = {
  open: (world, rng) => {
    if (world.forge.pulls.size >= world.scenario.size.pulls) {
      next(world, rng);
      return;
    }
    const author = account(rng.pick(["ann", "ann", "bob", "dan"]));
    const how = { draft: rng.chance(0.05), fromFork: rng.chance(0.05) };
    world.forge.open(author, newCode(world, rng), how);
  },
  next,
  push: (world, rng) => push(world, rng, newCode(world, rng)),
  approve: onPull("open", approve),
  comment: onPull(undefined, (world, rng, number) =>
    say(world, number, somebody(rng), rng.pick(COMMANDS)),
  ),
  command: onPull(undefined, (world, rng, number) => {
    const row = [...world.memory.tables.pullRequests.values()].find((one) => one.number === number);
    if (row === undefined) return;
    const id: PullRequestId = row.id;
    const text = rng.pick(COMMANDS);
    const who = somebody(rng);
    world.forge.words.push({ number: row.number, by: who.id, text });
    void world.api("command", (engine) => engine.command(id, who, text, "api"));
  }),
  push_base: (world, rng) => {
    const head = world.forge.branch(DEFAULT_BRANCH);
    const dir = rng.pick(world.scenario.size.dirs);
    const files = rng.pick([
      newCode(world, rng),
      // What a pull request does not touch itself, and its plan has to know all the same.
      { [`${dir}/base.tf`]: world.forge.newId("code") },
      { [`${dir}/base.tf`]: world.forge.newId("code") },
      { "README.md": world.forge.newId("text") },
    ]);
    world.forge.pushBase(DEFAULT_BRANCH, world.forge.commits.change(head, files));
  },
  force_push: onPull("open", (world, rng, number) => {
    const base = world.forge.branch(DEFAULT_BRANCH);
    world.forge.push(number, world.forge.commits.change(base, newCode(world, rng)));
  }),
  close: onPull("open", (world, _rng, number) => world.forge.setState(number, "closed")),
  reopen: onPull("closed", (world, _rng, number) => world.forge.setState(number, "open")),
  merge: onPull("open", (world, _rng, number) => void world.forge.merge(number)),
  dismiss: onPull("open", (world, rng, number) => {
    const { reviews } = world.forge.pull(number);
    if (reviews.length > 0) world.forge.review(number, { dismiss: rng.pick(reviews).reviewer });
  }),
  permission: (world, rng) => {
    const who = account(rng.pick(["ann", "bob", "cara"]));
    const right = rng.pick(["none", "read", "write", "admin"] as const);
    world.forge.permissions.set(who.id, right);
    world.rightChanged(who.id, right);
  },
  team: (world, rng) => {
    const { id } = account(rng.pick(["ann", "bob", "cara"]));
    world.forge.moveInOps(id, !world.forge.isInOps(id));
  },
  edit_comment: (world, rng) => {
    const said = [...world.forge.said.values()].at(-1);
    if (said === undefined) return;
    if (rng.chance(0.5)) world.forge.said.delete(said.id);
    else world.forge.said.set(said.id, { ...said, body: rng.pick(COMMANDS) });
  },
  draft: onPull("open", (world, _rng, number) => {
    const pull = world.forge.pull(number);
    pull.draft = !pull.draft;
    world.forge.changed(number, pull.draft ? "draft" : "ready");
  }),
  retarget: onPull("open", (world, _rng, number) => {
    const pull = world.forge.pull(number);
    if (!world.forge.branches.has("release")) {
      world.forge.branches.set("release", world.forge.branch(DEFAULT_BRANCH));
    }
    pull.baseRef = pull.baseRef === DEFAULT_BRANCH ? "release" : DEFAULT_BRANCH;
    world.forge.changed(number, "edited");
  }),
  /** The same repository, by its id; webhooks that are under way have the old name. */
  rename: (world) => {
    world.forge.fullName = world.forge.newId("acme/infra");
  },
  config_base: (world, rng) => {
    const head = world.forge.branch(DEFAULT_BRANCH);
    const text = rng.chance(0.3) ? rng.pick(BAD_CONFIGS) : rng.pick(CONFIGS).text;
    world.forge.pushBase(DEFAULT_BRANCH, world.forge.commits.change(head, { [CONFIG_PATH]: text }));
  },
  config_head: (world, rng) => {
    const text = rng.chance(0.4) ? rng.pick(BAD_CONFIGS) : rng.pick(CONFIGS).text;
    push(world, rng, { [CONFIG_PATH]: text });
  },
  forged: (world, rng) => {
    const number = rng.chance(0.9) ? (somePull(world, rng) ?? 1) : 99;
    const commentId = [...world.forge.said.keys()].at(-1) ?? "nothing";
    const author = account("cara");
    world.deliveries.forge(
      rng.pick([
        { kind: "comment", number, commentId, author, body: "terrane apply" },
        { kind: "comment", number, commentId: "made-up", author, body: "terrane unlock" },
        { kind: "pull_request", number, action: "closed" },
        { kind: "pull_request", number, action: "opened" },
        { kind: "review", number },
        {
          kind: "branch_pushed",
          branch: DEFAULT_BRANCH,
          after: world.forge.branch(DEFAULT_BRANCH),
        },
        { kind: "ci_ended", ciRun: "ci-1" },
      ] as const),
    );
  },
} as const satisfies Readonly<Record<string, Deed>>;
