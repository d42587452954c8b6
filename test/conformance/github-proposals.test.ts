import { afterAll, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { FileProposal } from "../../src/ports/proposal.ts";
import { editorUrl } from "../../src/vcs/github/propose.ts";
import { createRepository as createDoubleRepository } from "../support/github-double/scene.ts";
import { type GithubHarness, githubHarness } from "./github-harness.ts";
import { value } from "./vcs/rule.ts";

let made: GithubHarness | undefined;

beforeAll(async () => {
  made = await githubHarness();
});

afterAll(async () => {
  await made?.close();
});

const WORKFLOW = { path: ".github/workflows/terrane.yml", text: "name: Terrane\n" };
const CONFIG = { path: ".terrane/config.yml", text: "enabled: true\n" };
const proposal = (files: FileProposal["files"]): FileProposal => ({
  branch: "terrane/setup",
  base: "main",
  title: "Set up",
  body: "",
  files,
});

test("an answer that is lost on the way leaves nothing that the next call does not find", async () => {
  const { double, vcs, createRepository } = present(made, "the harness");
  for (const operation of ["git/create-ref", "pulls/create"]) {
    const { ref, head } = await createRepository({ "a.tf": "" });
    double.faults.lostAnswer({ operation });
    const wish = proposal([WORKFLOW]);
    const lost = await (vcs.proposeFiles?.(ref, wish) ?? never());
    expect(lost.kind, operation).toBe("unavailable");
    const commit = await head("terrane/setup");
    const again = await value(vcs.proposeFiles?.(ref, wish) ?? never());
    expect(again).toMatchObject({
      kind: "open",
      number: 1,
      opened: operation === "git/create-ref",
    });
    expect(await head("terrane/setup")).toBe(commit);
  }
});

test("what the app lacks is said with why, where it is granted and how to do without, and nothing is tried", async () => {
  const { double, vcs, createRepository } = present(made, "the harness");
  const { ref } = await createRepository({ "a.tf": "" });
  const installation = present(double.world.installations.get(Number(ref.installation)), "it");
  const all = installation.permissions;
  installation.permissions = { ...all, contents: "read" };
  delete installation.permissions["workflows"];
  const before = double.calls();
  const answer = await value(vcs.proposeFiles?.(ref, proposal([WORKFLOW, CONFIG])) ?? never());
  const writes = ["git/create-tree", "git/create-commit", "git/create-ref", "pulls/create"];
  for (const name of writes) expect(double.calls()[name] ?? 0).toBe(before[name] ?? 0);
  expect(answer).toMatchObject({
    kind: "not_permitted",
    lacks: [{ name: "Contents: write" }, { name: "Workflows: write" }],
    byHand: [{ path: WORKFLOW.path }, { path: CONFIG.path }],
  });
  if (answer.kind !== "not_permitted") return;
  const [first] = answer.byHand;
  const url = new URL(present(first, "a link").url);
  expect(url.pathname).toBe(`/${ref.fullName}/new/main`);
  expect(url.searchParams.get("filename")).toBe(WORKFLOW.path);
  expect(url.searchParams.get("value")).toBe(WORKFLOW.text);
  expect(answer.grantUrl).toMatch(/^http/);
  // Only the files below .github/workflows are guarded on their own.
  installation.permissions = { ...all };
  delete installation.permissions["workflows"];
  const config = await value(vcs.proposeFiles?.(ref, proposal([CONFIG])) ?? never());
  expect(config).toMatchObject({ kind: "open", opened: true });
  installation.permissions = all;
  expect(double.violations()).toEqual([]);
});

function never(): never {
  throw new Error("this VCS takes no proposals");
}

test("a file that no address can carry opens an empty editor of the right name", () => {
  const url = editorUrl("https://github.com/acme/infra", "a b/c", {
    path: ".terrane/config.yml",
    text: "é".repeat(5_000),
  });
  expect(url).toBe("https://github.com/acme/infra/new/a%20b/c?filename=.terrane%2Fconfig.yml");
});

test("a repository is looked up by its name where the app is installed on it, and nowhere else", async () => {
  const { double, vcs, createRepository } = present(made, "the harness");
  const lookUp = async (name: string) => await (vcs.lookUp?.(name) ?? never());
  const { ref, defaultBranch } = await createRepository({ "a.tf": "" });
  expect(await lookUp(ref.fullName)).toEqual({ kind: "ok", value: { ref, defaultBranch } });
  const { account } = double.organization("others");
  await createDoubleRepository(double, account, "secret");
  for (const name of ["others/secret", "acme/never", "acme", "acme/..", "a/b/c", "acme/x?y=1"]) {
    expect((await lookUp(name)).kind, name).toBe("not_found");
  }
  expect(double.violations()).toEqual([]);
});
