import { execFileSync } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import { demo, rootModule, type StrangersRepo, strangersRepo } from "../support/demo-repos.ts";

const terraform = (() => {
  try {
    execFileSync("terraform", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

const MINUTES = 60_000;
/** Their plans together are several times as long as a comment may be. */
const MODULES = 30;
const MANY = `
resource "terraform_data" "many" {
  count = 60
  input = "one of many"
}
`;

let repo: StrangersRepo | undefined;
afterEach(() => {
  repo?.remove();
  repo = undefined;
});

function branches(own: StrangersRepo): readonly string[] {
  return ["--repo", own.path, "--head", "change", "--base", "main"];
}

// These need the real tool; where it is absent the report says that they were skipped.
describe.skipIf(!terraform)("the demo", () => {
  test(
    "the demo takes two overlapping pull requests through plan, refusal, apply and merge",
    async () => {
      const { status, output, printed } = await demo([]);
      expect(output.problems).toEqual([]);
      expect(status).toBe(0);
      expect(output).toMatchObject({ ok: true, pullRequests: 2 });
      expect(output.applies).toBe(7);
      expect(output.refused.map((one) => one.code)).toContain("E_LOCKED");
      expect(printed).not.toContain("a-password-nobody-may-see");
    },
    5 * MINUTES,
  );

  test(
    "a repository without configuration is planned, applied and merged, and the original is not touched",
    async () => {
      repo = strangersRepo({ "main.tf": rootModule("one"), "lib/readme.md": "hello" });
      repo.commit("change", { "main.tf": rootModule("two") });
      const before = [repo.tip("main"), repo.tip("change")];
      const { status, output } = await demo([...branches(repo), "--apply"]);
      expect(output.problems).toEqual([]);
      expect(output).toMatchObject({ ok: true, plans: 1, applies: 1 });
      expect(status).toBe(0);
      expect([repo.tip("main"), repo.tip("change")]).toEqual(before);
    },
    3 * MINUTES,
  );

  const ODD = [
    "with blank/a b",
    "ünïcødé/日本",
    'quote\'s/"x"',
    "dash/-rf",
    "plus+at@/tf",
    "a.b/c..d",
  ];

  test(
    "odd directory names are planned and applied like others",
    async () => {
      const files = Object.fromEntries(ODD.map((dir) => [`${dir}/main.tf`, rootModule("one")]));
      repo = strangersRepo(files);
      repo.commit(
        "change",
        Object.fromEntries(ODD.map((dir) => [`${dir}/main.tf`, rootModule("two")])),
      );
      const { output } = await demo([...branches(repo), "--apply"]);
      expect(output.problems).toEqual([]);
      expect(output).toMatchObject({ ok: true, plans: ODD.length, applies: ODD.length });
    },
    3 * MINUTES,
  );

  test(
    "a plan that fails is reported with its error, nothing is applied, and the exit status says so",
    async () => {
      repo = strangersRepo({ "good/main.tf": rootModule("one"), "bad/main.tf": rootModule("one") });
      repo.commit("change", {
        "good/main.tf": rootModule("two"),
        "bad/main.tf": 'resource "terraform_data" "this" {\n  input = var.not_there\n}\n',
      });
      const { status, output } = await demo([...branches(repo), "--apply"]);
      expect(status).toBe(1);
      expect(output).toMatchObject({ ok: false, applies: 0 });
      expect(output.comments[0]).toContain("not_there");
    },
    3 * MINUTES,
  );

  test(
    "a merge conflict with the base is refused with the next step",
    async () => {
      repo = strangersRepo({ "net/main.tf": rootModule("one") });
      repo.commit("change", { "net/main.tf": rootModule("two") });
      repo.commit("main", { "net/main.tf": rootModule("three") });
      const { status, output } = await demo([...branches(repo), "--apply"]);
      expect(status).toBe(1);
      expect(output).toMatchObject({ ok: false, plans: 0, applies: 0 });
      expect(output.refused.map((one) => one.code)).toContain("E_MERGE_CONFLICT");
      expect(output.comments[0]).toMatch(/conflict/i);
    },
    3 * MINUTES,
  );

  test(
    "a deleted directory is said, and does not stop the rest",
    async () => {
      repo = strangersRepo({ "old/main.tf": rootModule("one"), "new/main.tf": rootModule("one") });
      repo.commit("change", { old: null, "new/main.tf": rootModule("two") });
      const { output } = await demo([...branches(repo), "--apply"]);
      expect(output.problems).toEqual([]);
      expect(output).toMatchObject({ ok: true, plans: 1, applies: 1 });
      expect(output.comments[0]).toContain("old");
    },
    3 * MINUTES,
  );

  const SECRET = "correct-horse-battery-staple";

  test(
    "what is marked sensitive is shown nowhere",
    async () => {
      const secretive = (n: number) => `variable "token" {
  default   = "${SECRET}"
  sensitive = true
}
resource "terraform_data" "this" {
  input = { token = var.token, n = ${n} }
}
output "token" {
  value     = terraform_data.this.output
  sensitive = true
}
`;
      repo = strangersRepo({ "vault/main.tf": secretive(1) });
      repo.commit("change", { "vault/main.tf": secretive(2) });
      const { output, printed } = await demo([...branches(repo), "--apply"]);
      expect(output.problems).toEqual([]);
      expect(output.applies).toBe(1);
      expect(printed).not.toContain(SECRET);
    },
    3 * MINUTES,
  );

  test(
    "more root modules than a comment has room for are one comment within the platform's limit",
    async () => {
      const dirs = Array.from({ length: MODULES }, (_, n) => `stacks/team-${n % 20}/unit-${n}`);
      const all = (text: string) =>
        Object.fromEntries(dirs.map((dir) => [`${dir}/main.tf`, rootModule(text) + MANY]));
      repo = strangersRepo(all("one"));
      repo.commit("change", all("two"));
      const { output } = await demo(branches(repo));
      expect(output.problems).toEqual([]);
      expect(output).toMatchObject({ ok: true, plans: MODULES, pullRequests: 1 });
      expect(output.comments).toHaveLength(1);
      expect(output.comments[0]).toContain("lines not shown");
      expect(output.comments[0]?.length).toBeLessThan(65_536);
    },
    10 * MINUTES,
  );
});
