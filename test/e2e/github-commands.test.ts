import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { VERBS } from "../../src/core/command/verb.ts";
import * as scene from "../support/github-double/scene.ts";
import type { Account, Comment, Pull } from "../support/github-double/world.ts";
import { CONFIG, type GithubLab, githubLab, rootModule } from "../support/github-lab.ts";
import { whereTerraform } from "../support/where-terraform.ts";

/** Every command as somebody sees it who comments on GitHub: what the comment says, and what was done. */
const CODE = `${CONFIG}indexer: {enabled: true}
access_control:
  policies:
    - tag_query: ""
      apply_force: ["user:bob"]
      apply_autoapprove: ["user:bob"]
workflows:
  - tag_query: dir:gated
    plan:
      - type: init
      - type: plan
      - type: gates
        cmd: ["sh", "-c", 'echo "{\\"gates\\": [{\\"token\\": \\"security\\", \\"any_of\\": [\\"user:bob\\"]}, {\\"token\\": \\"dba\\", \\"any_of\\": [\\"user:bob\\"]}]}"']
`;

let lab: GithubLab;
let first: Pull;
let forced: Pull;

beforeAll(async () => {
  const files = {
    ".terrane/config.yml": CODE,
    "modules/words/main.tf": 'output "words" {\n  value = "one"\n}\n',
  };
  lab = await githubLab(files, { TERRANE_COMMENT_WORDS: "atlantis" });
});

afterAll(() => lab.close());

function stateOf(name: string): string {
  const file = join(lab.stateDir, `${name}.tfstate`);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function say(pull: Pull, by: Account, text: string): Comment {
  return scene.comment(lab.double, pull, by, text);
}

/** The one comment, once it answers `text`. */
async function answerTo(pull: Pull, by: Account, text: string): Promise<string> {
  const asked = say(pull, by, text);
  await lab.until(pull.number, text, ({ notice }) => notice?.command === text);
  await lab.quiet();
  expect(asked.reactions).toHaveLength(1);
  const [comment = "", ...more] = lab.comments(pull);
  expect(more).toEqual([]);
  return comment;
}

async function planned(branch: string, files: Readonly<Record<string, string>>): Promise<Pull> {
  const { double, repo, people } = lab;
  await scene.push(double, repo, { branch, files, by: people.ann });
  const opened = await scene.openPull(double, repo, { by: people.ann, head: branch });
  await lab.until(
    opened.number,
    "planned",
    ({ dirspaces }) => dirspaces.length > 0 && dirspaces.every(({ phase }) => phase === "planned"),
  );
  return opened;
}

function root(name: string, input: string): Readonly<Record<string, string>> {
  return { [`${name}/main.tf`]: rootModule(lab.stateDir, name, input) };
}

function approved(pull: Pull): void {
  scene.review(lab.double, pull, lab.people.bob, "APPROVE");
}

async function applied(pull: Pull): Promise<void> {
  await lab.until(pull.number, "applied", ({ dirspaces }) =>
    dirspaces.every(({ phase }) => phase === "applied"),
  );
}

whereTerraform("a sentence about the tool is no command, and is not answered", async () => {
  const calls = `module "words" { source = "../modules/words" }\n`;
  first = await planned("change", {
    "net/main.tf": `${rootModule(lab.stateDir, "net", "two")}${calls}`,
  });
  const [before] = lab.comments(first);
  const asides = ["terraform is great", "tofu why not?", "please terrane apply", "terrane"];
  const said = asides.map((text) => say(first, lab.people.ann, text));
  await lab.quiet();
  expect(said.flatMap(({ reactions }) => reactions)).toEqual([]);
  expect(lab.comments(first)).toEqual([before]);
});

whereTerraform("a misspelt verb is answered with the one that was meant", async () => {
  const comment = await answerTo(first, lab.people.ann, "terrane aply dir:net");
  expect(comment).toContain("There is no command `aply`.");
  expect(comment).toContain("Did you mean `terrane apply`?");
});

whereTerraform("help lists every command", async () => {
  const comment = await answerTo(first, lab.people.ann, "Terrateam HELP me please");
  for (const { usage } of VERBS) expect(comment).toContain(`\`terrane ${usage}\``);
});

whereTerraform("repo-config shows where each value was written", async () => {
  const comment = await answerTo(first, lab.people.ann, "terrane repo-config");
  expect(comment).toContain("enabled: true # .terrane/config.yml:6");
});

whereTerraform(
  "index says what the code refers to, and starts no job for what is known",
  async () => {
    const jobs = lab.jobs.length;
    const comment = await answerTo(first, lab.people.ann, "terrane index");
    expect(comment).toMatch(/1 directory refers to .*`net` to `modules\/words`/);
    expect(lab.jobs).toHaveLength(jobs);
  },
);

whereTerraform("why says what a directory waits for", async () => {
  const comment = await answerTo(first, lab.people.ann, "terrane why ./net/");
  expect(comment).toMatch(/approv/i);
});

whereTerraform("feedback reaches the log of the server, and changes nothing", async () => {
  const [before] = lab.comments(first);
  const said = say(first, lab.people.ann, "terrane feedback the table is wide\nand slow");
  await lab.quiet();
  expect(said.reactions).toHaveLength(1);
  expect(lab.comments(first)).toEqual([before]);
  const lines = lab.server.log().split("\n");
  expect(lines.filter((line) => line.includes("the table is wide"))).toHaveLength(1);
});

whereTerraform(
  "a comment in the words of another tool does what it says, or says what to write",
  async () => {
    const { ann } = lab.people;
    const refused = await answerTo(first, ann, "atlantis plan -d net -- -destroy");
    expect(refused).toContain("E_FOREIGN_COMMAND");
    expect(refused).toContain("then comment `terrane plan dir:net`");
    const jobs = lab.jobs.length;
    const accepted = await answerTo(first, ann, "atlantis plan -d ./net -w default");
    expect(accepted).toContain("`atlantis plan -d ./net -w default` by `ann` was accepted");
    expect(lab.jobs).toHaveLength(jobs + 1);
  },
);

whereTerraform("cancel ends a plan before its job has begun", async () => {
  const held = lab.hold();
  say(first, lab.people.ann, "terrane plan dir:net\nthanks!");
  const run = await held;
  say(first, lab.people.ann, "terrane cancel");
  const now = await lab.until(first.number, "cancelled", ({ runs }) => runs[0]?.state === "ended");
  expect(now.notice).toMatchObject({ command: "terrane cancel", outcome: "accepted" });
  await lab.quiet();
  expect([run.state, run.conclusion]).toEqual(["completed", "cancelled"]);
});

whereTerraform("gate approve lets several gates pass, and only then it applies", async () => {
  const { ann, bob } = lab.people;
  const gated = await planned("gated", root("gated", "one"));
  approved(gated);
  const refused = await answerTo(gated, ann, "terrane apply");
  expect(refused).toContain("A gate is closed");
  const approves = await answerTo(gated, bob, "terrane gate approve security dba");
  expect(approves).toContain("was accepted");
  say(gated, ann, "terrane apply");
  await applied(gated);
  expect(stateOf("gated")).toContain('"one"');
});

whereTerraform("apply-force applies without approval, for whom a policy names", async () => {
  const { ann, bob } = lab.people;
  forced = await planned("forced", root("dns", "two"));
  expect(await answerTo(forced, ann, "terrane apply-force")).toContain("E_ACCESS_DENIED");
  say(forced, bob, "terrane apply-force dir:dns");
  await applied(forced);
  expect(stateOf("dns")).toContain('"two"');
});

whereTerraform(
  "apply-autoapprove applies what no plan showed, for whom a policy names",
  async () => {
    const { ann, bob } = lab.people;
    const auto = await planned("auto", root("auto", "one"));
    approved(auto);
    expect(await answerTo(auto, ann, "terrane apply-autoapprove")).toContain("E_ACCESS_DENIED");
    say(auto, bob, "terrane apply-autoapprove");
    await applied(auto);
    expect(stateOf("auto")).toContain('"one"');
    expect(await lab.locks()).toContainEqual(expect.objectContaining({ dir: "auto" }));
    // Another pull request's locks are given up by its number.
    const comment = await answerTo(first, ann, `terrane unlock #${auto.number}`);
    expect(comment).toContain("was accepted");
    await lab.quiet();
    expect((await lab.locks()).map(({ dir }) => dir)).not.toContain("auto");
  },
);

whereTerraform(
  "unlock --blocking unlocks whoever is in the way, and unlock drift says that nothing is",
  async () => {
    const { ann } = lab.people;
    const behind = await planned("behind", root("dns", "three"));
    approved(behind);
    expect(await answerTo(behind, ann, "terrane apply")).toContain("waits");
    expect(await answerTo(behind, ann, "terrane unlock drift")).toMatch(/drift/);
    expect((await lab.locks()).map(({ dir }) => dir)).toContain("dns");
    say(behind, ann, "terrane unlock --blocking");
    await lab.until(behind.number, "its turn", () => true);
    await lab.quiet();
    const owners = (await lab.locks()).filter(({ dir }) => dir === "dns");
    expect(owners.map(({ pullRequest }) => pullRequest)).not.toContain(forced.number);
  },
);
