import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Masker } from "../mask.ts";
import { Stop } from "../stop.ts";
import { readTree } from "./build-tree.ts";
import { runScript, type Script, type ScriptOptions } from "./run-script.ts";

const folder = mkdtempSync(join(tmpdir(), "terrane-script-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PATH = process.env["PATH"] ?? "";

function run(text: string, script: Partial<Script> = {}, options: Partial<ScriptOptions> = {}) {
  return runScript(
    { name: "config_builder", text, cwd: folder, env: { PATH }, ...script },
    {
      masker: new Masker(),
      stop: new Stop(),
      graceMs: 200,
      folder: join(folder, "own"),
      charsMax: 1_000,
      log: () => undefined,
      ...options,
    },
  );
}

test.each([
  ["without a first line it is a bash script", 'x=(a b); printf "%s" "${x[1]}"', "b"],
  ["with one it is what that names", "#!/usr/bin/env node\nprocess.stdout.write('n');", "n"],
  ["it runs in the root of the repository", "pwd -P | sed 's|.*/||' | tr -d '\\n'", undefined],
])("%s", async (_, text, stdout) => {
  const expected = stdout ?? folder.split("/").at(-1);
  expect(await run(text)).toEqual({ kind: "printed", stdout: expected });
});

test("a script gets its input, and one that reads none of it has not failed", async () => {
  const stdin = `{"a": "${"x".repeat(300_000)}"}`;
  expect(await run("head -c 4", { stdin })).toEqual({ kind: "printed", stdout: '{"a"' });
  expect(await run("true", { stdin })).toEqual({ kind: "printed", stdout: "" });
  expect(await run("cat")).toEqual({ kind: "printed", stdout: "" });
});

test.each([
  ["exit 3", "The script ended with exit code 3. It said nothing on its standard error."],
  ["echo why >&2; exit 1", "The script ended with exit code 1. It said: why"],
  ["echo why; exit 1", "The script ended with exit code 1. It said: why"],
  ["kill -9 $$", "The script ended by SIGKILL."],
  ["#!/no/such/program\n", "The script could not be started:"],
  ["head -c 2000 /dev/zero | tr '\\0' x", "The script printed more than 1000 characters."],
])("%j fails with %j", async (text, message) => {
  const printed = await run(text);
  expect(printed.kind === "failed" && printed.message).toContain(message);
});

test("a script that hangs is stopped after its time", async () => {
  const printed = await run("exec sleep 60", {}, { timeoutMs: 100 });
  expect(printed.kind === "failed" && printed.message).toContain("was stopped after");
});

test("secrets are hidden in what it says, also those that it names itself", async () => {
  const masker = new Masker();
  masker.add("hunter-2-known");
  const lines: string[] = [];
  const text = "echo ::add-mask::hunter-3-told; echo hunter-2-known hunter-3-told >&2; exit 1";
  const printed = await run(text, {}, { masker, log: (line) => lines.push(line) });
  expect(printed.kind === "failed" && printed.message).toContain("It said: *** ***");
  expect(lines.join("\n")).not.toContain("hunter");
});

test.each([
  ['[{"path": "accounts/hunter-2-known/main.tf"}]', "`accounts/***/main.tf`"],
  ["tags: {net: hunter-2-known}", "`***}`"],
])("an answer with a secret in it is refused, and not altered: %s", async (answer, shown) => {
  const masker = new Masker();
  masker.add("hunter-2-known");
  const printed = await run(`cat <<'EOF'\n${answer}\nEOF`, {}, { masker });
  const message = printed.kind === "failed" ? printed.message : "";
  expect(message).toContain(`a value that is hidden as a secret (${shown})`);
  expect(message).toContain("SECRETS_CONTEXT");
  expect(message).not.toContain("hunter");
});

test("what names a secret is no part of what it printed", async () => {
  const printed = await run("echo ::add-mask::hunter-3-told; echo 'a: 1'");
  expect(printed).toEqual({ kind: "printed", stdout: "a: 1\n" });
});

test.each([
  ["no JSON at all", "no JSON", "It has to print a JSON array of `{path, id?, changed?}`"],
  ["an object around it", '{"files": []}', "another kind of JSON"],
  ["the place of what is wrong", '[{"path": "a"}, {"path": 1}]', "(1.path: "],
  ["a path that leads out", '[{"path": "../a"}]', 'Entry 0 of what the script printed is "../a"'],
])("a list of files that is none is refused with %s", (_, text, message) => {
  const read = readTree(text, [folder]);
  expect(read.kind === "failed" && read.message).toContain(message);
});

test("runner defect 20: absolute paths lose the root, and the slash behind it", () => {
  const text = JSON.stringify([{ path: `${folder}/a/b.tf` }, { path: "./c.tf", id: "1" }]);
  expect(readTree(text, [folder])).toEqual({
    kind: "listed",
    tree: [{ path: "a/b.tf" }, { path: "c.tf", id: "1" }],
  });
});
