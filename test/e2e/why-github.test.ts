import pg from "pg";
import { afterAll, beforeAll, expect } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { ReplayReport } from "../../src/cli/host.ts";
import { WhyView } from "../../src/contract/why.ts";
import * as scene from "../support/github-double/scene.ts";
import { installationOf, type Pull } from "../support/github-double/world.ts";
import { type GithubLab, githubLab, rootModule } from "../support/github-lab.ts";
import { whereTerraform } from "../support/where-terraform.ts";

/** What people type to learn why, on a server as it is shipped: on the command line and in a comment. */
let lab: GithubLab;
let pull: Pull;

beforeAll(async () => {
  lab = await githubLab();
  const { double, repo, people, stateDir } = lab;
  const files = { "net/main.tf": rootModule(stateDir, "net", "two"), "docs/a.md": "Words.\n" };
  await scene.push(double, repo, { branch: "change", files, by: people.ann });
  pull = await scene.openPull(double, repo, { by: people.ann, head: "change" });
  await lab.until(pull.number, "planned", (now) => now.dirspaces[0]?.phase === "planned");
});

afterAll(() => lab.close());

const number = () => String(pull.number);

async function said(...args: readonly string[]): Promise<string> {
  const ran = await lab.server.terrane(...args);
  expect(ran).toMatchObject({ status: 0, stderr: "" });
  return ran.stdout;
}

whereTerraform(
  "`terrane why 1` says where each dirspace stands, by which line, and why",
  async () => {
    const text = await said("why", number());
    expect(text).toContain("acme/infra #1");
    expect(text).toContain("net:default  planned");
    expect(text).toContain("because `net/main.tf` matches `${DIR}/*.tf`");
    expect(text).toContain("waits for approval\n    E_NOT_APPROVED  Approvals are missing:");
    expect(text).toContain("Rule: .terrane/config.yml:5 (on main)");
    expect(text).toMatch(/Next: Get the approvals, then comment `terrane apply`/);
    expect(text).toMatch(/Decisions, newest first\n/);
    expect(text).toContain("I_PLAN_STARTED");
  },
);

whereTerraform.each([
  ["net", "net:default  planned", "I_PLAN_STARTED"],
  ["net:default", "net:default  planned", "I_PLAN_STARTED"],
  ["net/main.tf", "net/main.tf is part of the change", "`net:default` is affected"],
  ["docs/a.md", "docs/a.md is not part of the change", "pattern"],
  ["nowhere", "nowhere is not part of the change", "there is no file and no directory `nowhere`"],
])("`terrane why 1 %s` answers about it", async (asked, heading, detail) => {
  const text = await said("why", number(), asked);
  expect(text).toContain(heading);
  expect(text.toLowerCase()).toContain(detail.toLowerCase());
});

whereTerraform("`terrane why 1 --json` is the answer of the API", async () => {
  const why = WhyView.parse(JSON.parse(await said("why", number(), "net", "--json")));
  // Whether it can be merged is asked again with the apply: what was told when it was opened may be all that is known.
  const waits = why.dirspaces.map(({ key, waits }) => [
    key,
    waits.map(({ on }) => on).filter((on) => on !== "mergeability"),
  ]);
  expect(waits).toEqual([["net:default", ["approval"]]]);
});

whereTerraform(
  "`terrane why` of a pull request that nobody knows ends with what to do",
  async () => {
    const ran = await lab.server.terrane("why", "77");
    expect(ran.status).toBe(1);
    expect(ran.stdout).toBe("");
    expect(ran.stderr).toMatch(/no such pull request|not found|There is no pull request/i);
  },
);

whereTerraform.each([
  ["terrane why", ["`net` is planned, with changes to apply", "approval", ".terrane/config.yml:5"]],
  ["terrane why net", ["`net` is planned", "terrane apply"]],
  ["terrane why dns", ["is no dirspace that this pull request touches", "terrane why dns"]],
])("the comment `%s` is answered in the one comment, and starts nothing", async (words, texts) => {
  const { double, people } = lab;
  const asked = scene.comment(double, pull, people.bob, words);
  await lab.until(pull.number, words, ({ notice }) =>
    [notice?.command, notice?.aside?.command].includes(words),
  );
  await lab.quiet();
  expect(asked.reactions).toHaveLength(1);
  const bodies = lab.comments(pull);
  expect(bodies).toHaveLength(1);
  for (const text of texts) expect(bodies[0]).toContain(text);
  expect(lab.jobs).toHaveLength(1);
});

whereTerraform.each([
  ["terrane plan", "why", "`net` is planned, with changes to apply"],
  ["terrane apply", "apply", "An apply needs your word"],
])(
  "T7 of the check `%s` the button `%s` is answered in the one comment, and starts nothing",
  async (name, button, text) => {
    const { double, repo, people } = lab;
    const check = present(
      scene.checksAt(repo, pull.head.sha).find((one) => one.name === name),
      `the check ${name}`,
    );
    expect(check.actions).toContainEqual(expect.objectContaining({ identifier: button }));
    const installation = present(installationOf(double.world, repo), "the installation");
    installation.events = [...installation.events, "check_run"];
    scene.pressButton(double, repo, check, button, people.bob);
    await expect.poll(() => lab.comments(pull)[0], { timeout: 20_000 }).toContain(text);
    await lab.quiet();
    expect(lab.comments(pull)).toHaveLength(1);
    expect(lab.jobs).toHaveLength(1);
  },
);

whereTerraform("S30 `terrane replay` finds no difference in what a server decided", async () => {
  const text = await said("replay");
  const [, replayed, same] = present(
    /^(\d+) replayed, (\d+) the same, 0 different, 0 that cannot be replayed\.$/m.exec(text),
    text,
  );
  expect(Number(replayed)).toBeGreaterThan(5);
  expect(same).toBe(replayed);
  expect(await said("replay", "--repo", "infra", "--pull-request", number())).toBe(text);
});

whereTerraform(
  "S30 `terrane replay` names a decision that was changed, and ends with 1",
  async () => {
    const id = await changeOneDecision();
    const ran = await lab.server.terrane("replay");
    expect(ran.status).toBe(1);
    expect(ran.stdout).toContain(`different  acme/infra #1  decision ${id}  `);
    expect(ran.stdout).toContain("in reasons: it differs first at reasons");
    expect(ran.stdout).toMatch(/ 1 different, 0 that cannot be replayed\.\n$/);
    const json = await lab.server.terrane("replay", "--json");
    expect(json.status).toBe(1);
    const { differences, different } = JSON.parse(json.stdout) as ReplayReport;
    expect(differences).toBe(1);
    expect(different).toMatchObject([{ decision: id, pullRequest: 1, parts: ["reasons"] }]);
  },
);

/** As if another version had decided it: the plan was asked for, and not started by a change. */
async function changeOneDecision(): Promise<string> {
  const client = new pg.Client({ connectionString: lab.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      `update decision set reasons = replace(reasons::text, '"changed"', '"asked"')::jsonb
       where reasons::text like '%"plan_started"%' returning id::text`,
    );
    expect(rows).toHaveLength(1);
    return present(rows[0], "no decision").id;
  } finally {
    await client.end();
  }
}
