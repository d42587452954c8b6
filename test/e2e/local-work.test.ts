import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect } from "vitest";
import { openDesk } from "../support/terrane-program.ts";
import { whereTerraform } from "../support/where-terraform.ts";

const home = mkdtempSync(join(tmpdir(), "terrane-local-work-"));
const desk = openDesk(home);

afterAll(() => rmSync(home, { recursive: true, force: true }));

const resource = (name: string, input: string) =>
  `resource "terraform_data" "${name}" {\n  input = ${input}\n}\n`;

const AFTER_NETWORK = `dirs:
  app:
    when_modified: {depends_on: "dir:network"}
`;

/** A checkout with one commit on main, on a branch of its own. */
async function checkout(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const root = join(home, name);
  mkdirSync(root);
  await desk.shell(root, "git init -q -b main && git commit -q --allow-empty -m Begin");
  await desk.shell(root, "git switch -q -c change");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

function stateOf(root: string, dir: string): string {
  const file = join(root, dir, "terraform.tfstate");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

whereTerraform(
  "a plan of a checkout counts, lets dependents wait, and changes nothing, also not what is uncommitted",
  async () => {
    const root = await checkout("planned", {
      ".terrane/config.yml": `${AFTER_NETWORK}hooks:
  plan:
    pre:
      - {type: env, method: exec, name: TF_VAR_from_hook, cmd: [echo, hooked]}
`,
      "network/main.tf": `variable "from_hook" {}\n${resource("network", "var.from_hook")}`,
      "app/main.tf": resource("app", '"a"'),
    });
    const { status, stdout, stderr } = await desk.terrane(root, ["plan", "--local"]);
    expect(stderr).toContain("network: planned");
    expect(status).toBe(0);
    const [headline, totals] = stdout.split("\n");
    expect(headline).toBe("Planned · 2 dirspaces · 1 to apply · 1 waiting");
    expect(totals).toBe("+1 create · ~0 update · ±0 replace · −0 destroy");
    expect(stdout).toMatch(/^network +1 +0 +0 +0 +to apply$/m);
    expect(stdout).toMatch(/^app +waits for network$/m);
    expect(stdout).toMatch(/terraform_data\.network will be created[^]*input += "hooked"/);
    expect((await desk.shell(root, "git status --porcelain -uall")).stdout.split("\n")).toEqual([
      "?? .terrane/config.yml",
      "?? app/main.tf",
      "?? network/main.tf",
      "",
    ]);
  },
);

whereTerraform("a plan that fails shows the tool's last words, and the status is 1", async () => {
  const root = await checkout("failing", {
    "good/main.tf": resource("good", '"g"'),
    "bad/main.tf": resource("bad", "var.nobody_declared"),
  });
  const { status, stdout } = await desk.terrane(root, ["plan", "--local"]);
  expect(status).toBe(1);
  expect(stdout).toContain("Plan failed · 2 dirspaces · 1 failed · 1 to apply");
  expect(stdout).toMatch(/^bad +failed in step plan$/m);
  expect(stdout).toContain("Reference to undeclared input variable");
  const refused = await desk.terrane(root, ["apply", "--local", "--yes"]);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain("Nothing was applied: not every plan succeeded.");
  expect(stateOf(root, "good")).toBe("");
});

whereTerraform("without a terminal nothing is applied unless --yes is given", async () => {
  const root = await checkout("unattended", { "a/main.tf": resource("a", '"a"') });
  const { status, stderr } = await desk.terrane(root, ["apply", "--local"]);
  expect(status).toBe(2);
  expect(stderr).toContain("add --yes");
  expect(stateOf(root, "a")).toBe("");
});

whereTerraform(
  "S12: an apply of a checkout applies the plan that was shown, whatever changes meanwhile",
  async () => {
    const root = await checkout("exact", {
      ".terrane/config.yml": `workflows:
  - tag_query: ""
    apply:
      - {type: init}
      - {type: run, cmd: [sh, -c, "echo 'value = \\"later\\"' > terraform.tfvars"]}
      - {type: apply}
`,
      "a/main.tf": `variable "value" {}\n${resource("a", "var.value")}`,
      "a/terraform.tfvars": 'value = "early"\n',
    });
    const { status, stdout } = await desk.terrane(root, ["apply", "--local", "--yes"]);
    expect(stdout).toContain("Applied · 1 dirspace · 1 applied");
    expect(status).toBe(0);
    expect(readFileSync(join(root, "a/terraform.tfvars"), "utf8")).toBe('value = "later"\n');
    expect(JSON.parse(stateOf(root, "a"))).toMatchObject({
      resources: [{ instances: [{ attributes: { input: { value: "early" } } }] }],
    });
  },
);

whereTerraform("what waited is planned by the next apply, until nothing changes", async () => {
  const root = await checkout("layers", {
    ".terrane/config.yml": AFTER_NETWORK,
    "network/main.tf": resource("network", '"n"'),
    "app/main.tf": resource("app", '"a"'),
  });
  const apply = () => desk.terrane(root, ["apply", "--local", "--yes", "--json"]);
  const first = await apply();
  expect(first.stderr).toContain("1 waited for these.");
  expect(JSON.parse(first.stdout)).toMatchObject({
    kind: "apply",
    dirspaces: [{ dir: "network", workspace: "default", state: "applied", counts: { create: 1 } }],
    failure: null,
  });
  expect(JSON.parse((await apply()).stdout)).toMatchObject({
    kind: "apply",
    dirspaces: [{ dir: "app", state: "applied" }],
  });
  expect(JSON.parse((await apply()).stdout)).toMatchObject({
    kind: "plan",
    dirspaces: [{ state: "unchanged" }, { state: "unchanged" }],
  });
});

whereTerraform("directories that are named are worked on whatever changed", async () => {
  const root = await checkout("named", {
    "live/a/main.tf": resource("a", '"a"'),
    "live/b/main.tf": resource("b", '"b"'),
  });
  await desk.shell(root, "git add . && git commit -q -m Add && git branch -f main");
  const json = async (cwd: string, ...args: readonly string[]) => {
    const ran = await desk.terrane(cwd, ["plan", "--local", "--json", ...args]);
    const { dirspaces } = JSON.parse(ran.stdout) as { dirspaces: readonly { dir: string }[] };
    return dirspaces.map(({ dir }) => dir);
  };
  expect(await json(root)).toEqual([]);
  expect(await json(join(root, "live"), "a/")).toEqual(["live/a"]);
  expect(await json(root, "--base", "main~1", "--query", "dir:live/b")).toEqual(["live/b"]);
  const unknown = await desk.terrane(root, ["plan", "--local", "live/c"]);
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toContain("live/c is no directory that Terrane works on.");
});

whereTerraform("a plan that asks for an approval is not applied, also with --yes", async () => {
  const root = await checkout("gated", {
    ".terrane/config.yml": `workflows:
  - tag_query: "dir:a"
    plan:
      - {type: init}
      - {type: plan}
      - {type: run, cmd: ["false"], on_error: [{type: gate, token: risky, all_of: ["user:ann"]}]}
`,
    "a/main.tf": resource("a", '"a"'),
    "b/main.tf": resource("b", '"b"'),
  });
  const { stdout } = await desk.terrane(root, ["apply", "--local", "--yes"]);
  expect(stdout).toMatch(/^a .*asks for an approval: apply it by a pull request$/m);
  expect([stateOf(root, "a"), stateOf(root, "b") === ""]).toEqual(["", false]);
});

whereTerraform("where a hook crashed that may ask for approvals, nothing is applied", async () => {
  const root = await checkout("silent", {
    ".terrane/config.yml": "hooks: {plan: {post: [{type: gates, cmd: ['false']}]}}\n",
    "a/main.tf": resource("a", '"a"'),
  });
  const { status, stderr } = await desk.terrane(root, ["apply", "--local", "--yes"]);
  expect(stderr).toContain("Nothing is applied: a hook that may ask for approvals did not work");
  expect([status, stateOf(root, "a")]).toEqual([1, ""]);
});

whereTerraform("at a terminal only `yes` applies", async ({ skip }) => {
  skip(!existsSync("/usr/bin/script"), "there is no program that opens a terminal");
  const root = await checkout("asked", { "a/main.tf": resource("a", '"a"') });
  const answer = (word: string) =>
    desk.shell(root, `echo ${word} | script -qec "terrane apply --local" /dev/null; true`);
  expect((await answer("y")).stdout).toContain("Nothing was applied.");
  expect(stateOf(root, "a")).toBe("");
  expect((await answer("yes")).stdout).toContain("Applied");
  expect(stateOf(root, "a")).not.toBe("");
});

whereTerraform(
  "a plan of a checkout runs the builders, and other commands say that they do not",
  async () => {
    const root = await checkout("built", {
      ".terrane/config.yml": `tree_builder:
  enabled: true
  script: |
    echo '[{"path": "'"$PWD"'/app/main.tf", "id": "'"$(cat app/main.tf | cksum)"'"}, {"path": "other/main.tf", "id": "1"}]'
config_builder:
  enabled: true
  script: |
    cat > input.json
    echo 'dirs: {app: {tags: [built]}}'
`,
      "app/main.tf": resource("app", '"a"'),
      "other/main.tf": resource("other", '"a"'),
    });
    await desk.shell(root, "git add -A && git commit -qm All && git branch -f main");
    writeFileSync(join(root, "app/main.tf"), resource("app", '"b"'));
    const only = await desk.terrane(root, ["plan", "--local", "--query", "built"]);
    expect(only.stderr).toContain("Running the script of tree_builder");
    expect(only.stdout).toContain("Planned · 1 dirspace · 1 to apply");
    expect(only.status).toBe(0);
    expect(JSON.parse(readFileSync(join(root, "input.json"), "utf8"))).toMatchObject({
      dirs: { app: {} },
    });
    const looked = await desk.terrane(root, ["affected"]);
    expect(`${looked.stdout}${looked.stderr}`).toContain(
      "`tree_builder` is enabled, and its script",
    );
    const shown = await desk.terrane(root, ["config", "show"]);
    expect(shown.stderr).toContain("`config_builder` is enabled, and its script is not run here");
  },
);
