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
  expect(refused.stderr).toContain("says something else");
  expect(readFileSync(file, "utf8")).toBe("name: mine\n");
  expect((await setup("--force")).status).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(SHIPPED);
});

test("where there is no configuration, one is written that names the roots and checks without a finding", async () => {
  const root = join(home, "started");
  modulesThreeUp(root);
  rmSync(join(root, ".terrane"), { recursive: true });
  expect((await desk.terrane(root, ["setup", "github"])).status).toBe(0);
  const config = readFileSync(join(root, ".terrane/config.yml"), "utf8");
  expect(config).toContain("#   teams/payments/prod/cluster\n");
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
});
