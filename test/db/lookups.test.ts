import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DirspaceKey } from "../../src/core/change/dirspace.ts";
import { reconcile } from "../../src/engine/reconcile.ts";
import { sha } from "../support/core-world.ts";
import { COUNTS, type EngineLab, engineLab } from "../support/engine-lab.ts";

/** What the VCS answers while events wait, on a real database. */
let lab: EngineLab;
const FILES = ["net/main.tf"];

beforeEach(async () => {
  lab = await engineLab();
  lab.vcs.files = FILES;
});

afterEach(() => lab.close());

function comment(): string {
  return lab.vcs.comments.get("1:terrane") ?? "";
}

async function states(): Promise<readonly string[]> {
  const { rows } = await sql<{ state: string }>`
    select distinct state from event
  `.execute(lab.database.statements);
  return rows.map((row) => row.state);
}

async function push(head: number): Promise<void> {
  const view = lab.vcs.views.get(1);
  if (view === undefined) throw new Error("not open");
  lab.vcs.views.set(1, { ...view, headSha: sha(head) });
  await lab.hear(1, { kind: "pull_request", number: 1, action: "pushed" });
}

test("L33 no event is set aside because others were faster to decide the ones before it", async () => {
  const id = await lab.open(1, FILES);
  for (let n = 0; n < 30; n++) await lab.hear(1, { kind: "review", number: 1 });
  const { pullRequest } = lab.vcs;
  let inside = false;
  // Whenever we look something up, another server has meanwhile decided what we look it up for.
  lab.vcs.pullRequest = async (...asked) => {
    if (!inside) {
      inside = true;
      await lab.engine.advance(id);
      inside = false;
    }
    return pullRequest.apply(lab.vcs, asked);
  };
  await lab.drain();
  expect(await states()).toEqual(["decided"]);
});

test("L33 an event whose commit was pushed away meanwhile is decided for what the pull request is now", async () => {
  await lab.open(1, FILES);
  const { tree } = lab.vcs;
  const gone = sha(200);
  lab.vcs.tree = async (...asked) =>
    asked[1] === gone
      ? { kind: "not_found", message: "no such commit" }
      : tree.apply(lab.vcs, asked);
  await push(200);
  await expect(lab.drain()).rejects.toThrow("did not answer");
  await push(201);
  await lab.drain();
  expect(await states()).toEqual(["decided"]);
  expect(lab.ci.started.at(-1)?.title).toContain("#1.2");
});

test("a repository whose files cannot be listed is told so instead of waiting for ever", async () => {
  const { tree } = lab.vcs;
  lab.vcs.tree = async () => ({ kind: "rejected", message: "The repository has too many files." });
  await lab.open(1, FILES);
  expect(comment()).toContain("too many files");
  // It is asked again with the next event: nothing is remembered for ever that was not read.
  lab.vcs.tree = tree;
  await lab.hear(1, { kind: "pull_request", number: 1, action: "edited" });
  await lab.drain();
  expect(lab.ci.started).toHaveLength(1);
});

test("S11 a plan is made again where what came into the base cannot be listed any more", async () => {
  await lab.open(1, FILES);
  await lab.plans(await lab.claim());
  const { changes } = lab.vcs;
  lab.vcs.changes = async (...asked) =>
    asked[1].direct
      ? { kind: "not_found", message: "no such commit" }
      : changes.apply(lab.vcs, asked);
  const view = lab.vcs.views.get(1);
  if (view !== undefined) lab.vcs.views.set(1, { ...view, baseSha: sha(50) });
  await lab.hear(1, { kind: "branch_pushed", branch: "main", after: sha(50) });
  await lab.drain();
  expect(lab.ci.started).toHaveLength(2);
});

test("bytes that a database cannot hold come back as a mark, from files, comments and results", async () => {
  const odd = "a\u0000b\ud800c";
  lab.vcs.config = `# ${odd} \\u0000\n`;
  await lab.open(1, FILES);
  await lab.say(1, "bob", `hello ${odd}`);
  // The comment as it was told and as it is read again are marked alike.
  await lab.say(1, "bob", `terrane help\n${odd}`);
  expect(lab.vcs.calls).toContain("acknowledge");
  const session = await lab.claim();
  const unit = "net:default" as DirspaceKey;
  expect(await lab.engine.runner.appendOutput(session, unit, 0, "a\u0000b")).toBe(1);
  const text = `${odd} \\u0000`;
  const report = {
    outcome: "planned",
    changed: false,
    planDigest: undefined,
    counts: COUNTS,
    changes: [],
    text,
  } as const;
  expect(await lab.engine.runner.report(session, unit, report, 1)).toBe("recorded");
  const { rows } = await sql<{ text: string }>`
    select result ->> 'text' as text from work
  `.execute(lab.database.statements);
  expect(rows).toEqual([{ text: "a\ufffdb\ufffdc \\u0000" }]);
  await lab.drain();
  expect(await states()).toEqual(["decided"]);
});

const REVIEWED =
  "apply_requirements: {checks: [{tag_query: '', approved: {enabled: true, any_of_count: 1}}]}";
const UNREVIEWED = "default_branch_overrides: []\napply_requirements: {checks: [{tag_query: ''}]}";

test("S16 an override of the central repository asks for a review that the repository cannot do without", async () => {
  lab.vcs.config = UNREVIEWED;
  lab.vcs.centralCommit = sha(900);
  lab.vcs.centralFiles = { "config/overrides.yml": REVIEWED };
  await lab.open(1, FILES);
  await lab.plans(await lab.claim());
  await lab.say(1, "ann", "terrane apply");
  expect(comment()).toContain("E_NOT_APPROVED");
  expect(lab.ci.started).toHaveLength(1);

  // The owner takes the override back: a new commit there, and the next command knows.
  lab.vcs.centralCommit = sha(901);
  lab.vcs.centralFiles = {};
  await lab.say(1, "ann", "terrane apply");
  expect(lab.ci.started).toHaveLength(2);
});

test("S14 a central override that comes between the command and the apply still holds", async () => {
  lab.vcs.config = UNREVIEWED;
  await lab.open(1, FILES);
  await lab.plans(await lab.claim());
  await lab.say(1, "ann", "terrane apply");
  lab.vcs.centralCommit = sha(900);
  lab.vcs.centralFiles = { "config/infra/overrides.yml": REVIEWED };
  expect(await lab.applies(await lab.claim())).toEqual(["E_NOT_APPROVED"]);
});

test("the files of one central commit are read once", async () => {
  lab.vcs.centralCommit = sha(900);
  const { readFiles } = lab.vcs;
  const read: string[] = [];
  lab.vcs.readFiles = async (...asked) => {
    read.push(asked[0].id);
    return readFiles.apply(lab.vcs, asked);
  };
  await lab.open(1, FILES);
  await lab.hear(1, { kind: "review", number: 1 });
  await lab.drain();
  expect(read.filter((id) => id === "central")).toHaveLength(1);
});

const CERTIFICATES = "hooks: {plan: {pre: [{type: run, cmd: [make, certificates]}]}}";

/** A push to the default branch of a repository that no pull request here is of. */
async function pushTo(fullName: string, after: number): Promise<void> {
  await lab.engine.receive("fake", {
    deliveryId: `push-${fullName}-${after}`,
    installation: "host",
    repository: { id: fullName, fullName, defaultBranch: "main" },
    what: { kind: "branch_pushed", branch: "main", after: sha(after) },
  });
  await lab.drain();
}

test("S10 a push to the central repository outdates what is planned in all of the owner's repositories, and plans it again", async () => {
  lab.vcs.centralCommit = sha(900);
  await lab.open(1, FILES);
  await lab.plans(await lab.claim());
  lab.vcs.centralCommit = sha(901);
  lab.vcs.centralFiles = { "config/overrides.yml": CERTIFICATES };
  // Of another owner, and one that is not the central one.
  await pushTo("other/terrane", 901);
  await pushTo("acme/network", 901);
  expect(lab.ci.started).toHaveLength(1);
  await pushTo("acme/terrane", 901);
  expect(lab.ci.started).toHaveLength(2);
  const { rows } = await sql<{ stale: object; reasons: readonly { code: string }[] }>`
    select work.stale, decision.reasons from work, decision
    where work.stale is not null and decision.kind = 'configuration_moved'
  `.execute(lab.database.statements);
  expect(rows).toMatchObject([
    {
      stale: { keys: ["hooks"], rules: [{ file: "acme/terrane:config/overrides.yml", line: 1 }] },
      reasons: [
        { code: "plan_stale" },
        { code: "plan_started", why: "configuration_moved" },
        { code: "plans_current" },
      ],
    },
  ]);
});

test("S10 repositories of the local VCS, whose names need no owner, hear of their central one too", async () => {
  lab.vcs.centralCommit = sha(900);
  await lab.open(1, FILES);
  await sql`update repository set full_name = 'infra'`.execute(lab.database.statements);
  await pushTo("terrane", 901);
  const { rows } = await sql`
    select happening ->> 'repository' as moved from event where kind = 'configuration_moved'
  `.execute(lab.database.statements);
  expect(rows).toEqual([{ moved: "terrane" }]);
});

test("S10 the default branch has a say in pull requests to other branches, and a push to it is told to them", async () => {
  lab.vcs.config = "destination_branches: [release]\n";
  await lab.open(1, FILES);
  const view = lab.vcs.views.get(1);
  if (view === undefined) throw new Error("not open");
  lab.vcs.views.set(1, { ...view, baseRef: "release", baseSha: sha(40) });
  await lab.hear(1, { kind: "pull_request", number: 1, action: "edited" });
  await lab.drain();
  const looks = async () => {
    const { rows } = await sql<{ n: string }>`
      select count(*) as n from event where kind = 'base_moved'
    `.execute(lab.database.statements);
    return Number(rows[0]?.n);
  };
  await lab.hear(1, { kind: "branch_pushed", branch: "feature", after: sha(50) });
  expect(await looks()).toBe(0);
  await lab.hear(1, { kind: "branch_pushed", branch: "main", after: sha(51) });
  await lab.hear(1, { kind: "branch_pushed", branch: "release", after: sha(52) });
  expect(await looks()).toBe(2);
});

test("S21 a central repository that moved without a webhook is found by the reconciler", async () => {
  lab.vcs.centralCommit = sha(900);
  await lab.open(1, FILES);
  await lab.plans(await lab.claim());
  lab.vcs.centralCommit = sha(901);
  lab.vcs.centralFiles = { "config/overrides.yml": CERTIFICATES };
  expect(await reconcile(lab.ports)).toBe(1);
  await lab.drain();
  expect(lab.ci.started).toHaveLength(2);
  await sql`update repository set looked_at = null`.execute(lab.database.statements);
  expect(await reconcile(lab.ports)).toBe(0);
});

test("S21 a pull request that cannot be planned is looked at once for each move of the central repository", async () => {
  lab.vcs.centralCommit = sha(900);
  await lab.open(1, FILES);
  const view = lab.vcs.views.get(1);
  if (view === undefined) throw new Error("not open");
  lab.vcs.views.set(1, { ...view, mergeable: "conflict" });
  lab.vcs.centralCommit = sha(901);
  for (const found of [1, 0]) {
    await sql`update repository set looked_at = null`.execute(lab.database.statements);
    expect(await reconcile(lab.ports)).toBe(found);
    await lab.drain();
  }
});

test("S23 what a VCS tells with a comment is not asked again by its decision, and is by the next one", async () => {
  const { vcs } = lab;
  await lab.open(1, FILES);
  await lab.drain();
  const { comment: read, pullRequest } = vcs;
  let asked = 0;
  vcs.pullRequest = async (...about) => {
    asked += 1;
    return pullRequest.apply(vcs, about);
  };
  vcs.comment = async (...about) => {
    const found = await read.apply(vcs, about);
    const view = vcs.views.get(1);
    if (found.kind !== "ok" || view === undefined) return found;
    return { kind: "ok", value: { ...found.value, pullRequest: view } };
  };
  await lab.say(1, "bob", "terrane why");
  await lab.drain();
  expect(asked).toBe(0);
  await lab.hear(1, { kind: "review", number: 1 });
  await lab.drain();
  expect(asked).toBe(1);
});
