import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { modulesThreeUp } from "../support/layouts.ts";
import { openDesk } from "../support/terrane-program.ts";

const home = mkdtempSync(join(tmpdir(), "terrane-setup-"));
const desk = openDesk(home);

afterAll(() => rmSync(home, { recursive: true, force: true }));

const WORKFLOW = ".github/workflows/terrane.yml";
const SHIPPED = readFileSync("deploy/github/terrane.yml", "utf8");

test("setup writes the workflow that is shipped, keeps what is there, and replaces it only when forced", async () => {
  const root = join(home, "kept");
  modulesThreeUp(root);
  const file = join(root, WORKFLOW);
  const setup = (...args: readonly string[]) =>
    desk.terrane(join(root, "modules"), ["setup", "github", ...args]);
  expect((await setup("--print")).stdout).toBe(SHIPPED);
  expect(existsSync(file)).toBe(false);
  const first = await setup();
  expect(first.status).toBe(0);
  expect(first.stdout).toContain("TERRANE_URL");
  expect(first.stdout).toContain(".terrane/config.yml is there already.");
  expect(readFileSync(file, "utf8")).toBe(SHIPPED);
  expect((await setup()).stdout).toContain(`${WORKFLOW} is there already.`);
  writeFileSync(file, "name: mine\n");
  const refused = await setup();
  expect(refused.status).toBe(1);
  expect(refused.stdout).toContain("-name: mine");
  expect(refused.stderr).toContain("says something else");
  expect(readFileSync(file, "utf8")).toBe("name: mine\n");
  expect((await setup("--force")).status).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(SHIPPED);
});

const GITLAB_FILES = [".gitlab/terrane.yml", ".gitlab-ci.yml"];

test("setup writes both CI files of GitLab, leaves one with jobs of people alone, and says what to add to it", async () => {
  const root = join(home, "gitlab");
  modulesThreeUp(root);
  const setup = (...args: readonly string[]) => desk.terrane(root, ["setup", "gitlab", ...args]);
  const printed = (await setup("--print")).stdout;
  for (const file of ["deploy/gitlab/terrane.yml", "deploy/gitlab/gitlab-ci.yml"]) {
    expect(printed).toContain(readFileSync(file, "utf8").trimEnd());
  }
  expect(GITLAB_FILES.some((file) => existsSync(join(root, file)))).toBe(false);
  const first = await setup();
  expect(first.status).toBe(0);
  for (const word of ["TERRANE_URL", "audience", "Protect the default branch", "TERRANE_IMAGE"]) {
    expect(first.stdout).toContain(word);
  }
  const again = await setup();
  for (const file of GITLAB_FILES) expect(again.stdout).toContain(`${file} is there already.`);
  writeFileSync(join(root, ".gitlab-ci.yml"), "lint:\n  script: [lint]\n");
  const shared = await setup("--force");
  expect(shared.status).toBe(0);
  expect(shared.stdout).toContain(".gitlab-ci.yml is yours and stays as it is.");
  expect(shared.stdout).toContain("1. Add to your .gitlab-ci.yml");
  expect(readFileSync(join(root, ".gitlab-ci.yml"), "utf8")).toContain("script: [lint]");
  writeFileSync(join(root, ".gitlab-ci.yml"), "#".repeat(1024 * 1024 + 1));
  const long = await setup("--force");
  expect(long.status).toBe(0);
  expect(long.stdout).toMatch(/\.gitlab-ci\.yml is yours and stays as it is: it .+\./);
  expect(long.stdout).toContain("1. Add to your .gitlab-ci.yml");
});

test("a dry run writes nothing and shows the difference, and JSON says the same", async () => {
  const root = join(home, "dry");
  modulesThreeUp(root);
  rmSync(join(root, ".terrane"), { recursive: true });
  const setup = (...args: readonly string[]) => desk.terrane(root, ["setup", "gitlab", ...args]);
  expect((await setup("--dry-run")).stdout).toContain("Would write .gitlab/terrane.yml.");
  const states = async (...args: readonly string[]) => {
    const said = JSON.parse((await setup("--json", ...args)).stdout) as {
      readonly written: boolean;
      readonly files: readonly { readonly path: string; readonly state: string }[];
      readonly next: readonly string[];
    };
    expect(said.next.length).toBeGreaterThan(3);
    return [said.written, said.files.map(({ path, state }) => `${path} ${state}`)];
  };
  const paths = [...GITLAB_FILES, ".terrane/config.yml"];
  expect(await states("--dry-run")).toEqual([false, paths.map((path) => `${path} written`)]);
  expect(paths.some((path) => existsSync(join(root, path)))).toBe(false);
  expect(await states()).toEqual([true, paths.map((path) => `${path} written`)]);
  expect(await states()).toEqual([false, paths.map((path) => `${path} unchanged`)]);
  const file = join(root, ".gitlab/terrane.yml");
  writeFileSync(file, readFileSync(file, "utf8").replace("retry: 0", "retry: 2"));
  const different = await setup("--dry-run");
  expect(different.status).toBe(1);
  expect(different.stdout).toContain("-  retry: 2\n+  retry: 0");
  rmSync(join(root, ".terrane"), { recursive: true });
  expect((await setup()).status).toBe(1);
  // All or nothing: the configuration was not written either.
  expect(existsSync(join(root, ".terrane"))).toBe(false);
  const forced = await states("--force");
  expect(forced).toEqual([
    true,
    [".gitlab/terrane.yml replaced", ".gitlab-ci.yml unchanged", ".terrane/config.yml written"],
  ]);
});

test("where there is no configuration, one is written that names the roots and checks without a finding", async () => {
  const root = join(home, "started");
  modulesThreeUp(root);
  rmSync(join(root, ".terrane"), { recursive: true });
  expect((await desk.terrane(root, ["setup", "github"])).status).toBe(0);
  const config = readFileSync(join(root, ".terrane/config.yml"), "utf8");
  expect(config).toContain(
    "#   teams/payments/prod/cluster (nothing calls it as a module; calls modules/cluster)\n",
  );
  expect(config).not.toContain("#   modules/cluster");
  const checked = await desk.terrane(root, ["config", "check", "--json"]);
  expect(JSON.parse(checked.stdout)).toEqual({ ok: true, diagnostics: [] });
});

test("trust is printed to be piped, and what cannot be a name never reaches a shell", async () => {
  const trust = (...args: readonly string[]) =>
    desk.terrane(home, ["setup", "aws", "--print-trust", "--account", "123456789012", ...args]);
  const { status, stdout, stderr } = await trust("--repo", "acme/infra");
  expect(status).toBe(0);
  expect(Object.keys(JSON.parse(stdout) as object)).toEqual(["plan", "apply"]);
  expect(stderr).toContain("Both roles trust the same jobs");
  const hostile = await trust("--repo", "acme/infra';rm -rf ~;'");
  expect([hostile.status, hostile.stdout]).toEqual([2, ""]);
  const nested = ["--repo", "acme/platform/infra"];
  expect((await trust(...nested)).status).toBe(2);
  const gitlab = await trust(...nested, "--forge", "gitlab", "--url", "https://gitlab.example.com");
  expect(gitlab.stdout).toContain("oidc-provider/gitlab.example.com");
  for (const url of [
    "http://gitlab.example.com",
    "https://a.test/'",
    "https://a.test/?x",
    "gitlab",
  ]) {
    expect((await trust(...nested, "--forge", "gitlab", "--url", url)).status).toBe(2);
  }
  const misplaced = await trust("--repo", "acme/infra", "--url", "https://git.example.com");
  expect(misplaced.stderr).toContain("--url does not go with --forge github");
});
