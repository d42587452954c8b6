import { expect } from "vitest";
import type { AccountId, CommitSha } from "../../../src/core/ids.ts";
import { failure, NO_COMMIT, nowhere, openedPull, tip, type VcsRule, value } from "./rule.ts";

const ODD_NAMES = [
  "a b.tf",
  "-dash.tf",
  "--help",
  "ünï/é.tf",
  "中文/🎉.tf",
  'quote".tf',
  "it's.tf",
  "back\\slash.tf",
  "percent%20.tf",
  "hash#query?.tf",
  "star*[x].tf",
  ":(top)x.tf",
  "$HOME.tf",
];
const LINE_NAMES = ["line\nbreak.tf", "tab\there.tf"];

const FILE_CHARS_MAX = 1_000;

export const readingRules: readonly VcsRule[] = [
  {
    name: "the tree of a commit holds exactly its files",
    async check({ harness, vcs }) {
      const files = { "a.tf": "1", "dir/b.tf": "2", "dir/sub/c.tf": "3" };
      const repo = await harness.createRepository(files);
      const before = await tip(repo, repo.defaultBranch);
      const after = await repo.push(repo.defaultBranch, { "dir/b.tf": null, "new.tf": "" });
      expect((await value(vcs.tree(repo.ref, before))).toSorted()).toEqual(Object.keys(files));
      expect((await value(vcs.tree(repo.ref, after))).toSorted()).toEqual([
        "a.tf",
        "dir/sub/c.tf",
        "new.tf",
      ]);
    },
  },
  {
    name: "a branch is read where it points now, and one that is not there is not found",
    async check({ harness, vcs }) {
      const repo = await harness.createRepository({ "a.tf": "" });
      const { ref } = repo;
      for (const name of [repo.defaultBranch, "team/a-change"]) {
        const pushed = await repo.push(name, { "b.tf": name });
        expect(await value(vcs.branch(ref, name))).toBe(pushed);
      }
      for (const name of ["nothing", "team", "", "..", "-x", "a b"]) {
        expect(await failure(vcs.branch(ref, name))).toBe("not_found");
      }
      expect(await failure(vcs.branch(nowhere(ref), repo.defaultBranch))).toBe("not_found");
    },
  },
  {
    name: "files of any name are listed, read and seen to change",
    check: (world) => checkNames(world, ODD_NAMES),
  },
  {
    name: "names with a line break or a tab are listed, read and seen to change",
    check: (world) => checkNames(world, LINE_NAMES),
  },
  {
    name: "a commit that does not exist is not found",
    async check({ harness, vcs }) {
      const repo = await harness.createRepository({ "a.tf": "" });
      const main = await tip(repo, repo.defaultBranch);
      const { ref } = repo;
      expect(await failure(vcs.tree(ref, NO_COMMIT))).toBe("not_found");
      expect(await failure(vcs.file(ref, NO_COMMIT, "a.tf", FILE_CHARS_MAX))).toBe("not_found");
      const range = { base: main, head: NO_COMMIT, direct: false };
      expect(await failure(vcs.changes(ref, range))).toBe("not_found");
      expect(await failure(vcs.changes(ref, { ...range, direct: true }))).toBe("not_found");
    },
  },
  {
    name: "changes since the merge base name what was added, modified, deleted and renamed",
    async check(world) {
      const long = "same = true\n".repeat(20);
      const { repo, head: to } = await openedPull(world, {
        base: { "edit.tf": "1\n", "drop.tf": "x = 1\n", "old/name.tf": long },
        change: {
          "add.tf": "new = 1\n",
          "edit.tf": "2\n",
          "drop.tf": null,
          "old/name.tf": null,
          "new/name.tf": long,
        },
      });
      const from = await repo.push(repo.defaultBranch, { "gained.tf": "" });
      const range = { base: from, head: to, direct: false };
      const changes = await value(world.vcs.changes(repo.ref, range));
      expect(new Set(changes)).toEqual(
        new Set([
          { kind: "added", path: "add.tf" },
          { kind: "modified", path: "edit.tf" },
          { kind: "deleted", path: "drop.tf" },
          { kind: "renamed", from: "old/name.tf", to: "new/name.tf" },
        ]),
      );
    },
  },
  {
    name: "direct changes also name what only the base gained",
    async check(world) {
      const { repo, head: to } = await openedPull(world);
      const from = await repo.push(repo.defaultBranch, { "gained.tf": "g = 1\n" });
      const range = { base: from, head: to, direct: true };
      const changes = await value(world.vcs.changes(repo.ref, range));
      expect(new Set(changes)).toEqual(
        new Set([
          { kind: "added", path: "b.tf" },
          { kind: "deleted", path: "gained.tf" },
        ]),
      );
    },
  },
  {
    name: "a range that changes nothing is empty",
    async check({ harness, vcs }) {
      const repo = await harness.createRepository({ "a.tf": "" });
      const main = await tip(repo, repo.defaultBranch);
      for (const direct of [true, false]) {
        const range = { base: main, head: main, direct };
        expect(await value(vcs.changes(repo.ref, range))).toEqual([]);
      }
    },
  },
  {
    name: "a submodule that moves on is a change of its path, and no file of the tree",
    async check({ harness, vcs }) {
      const repo = await harness.createRepository({ "a.tf": "" });
      const at = (digit: string) => digit.repeat(40) as CommitSha;
      const without = await tip(repo, repo.defaultBranch);
      const base = await repo.pushSubmodule(repo.defaultBranch, "modules/net", at("1"));
      const head = await repo.pushSubmodule("bump", "modules/net", at("2"));
      for (const direct of [true, false]) {
        const since = (from: CommitSha) =>
          value(vcs.changes(repo.ref, { base: from, head, direct }));
        expect(await since(base)).toEqual([{ kind: "modified", path: "modules/net" }]);
        expect(await since(without)).toEqual([{ kind: "added", path: "modules/net" }]);
      }
      expect(await value(vcs.tree(repo.ref, head))).toEqual(["a.tf"]);
    },
  },
  {
    name: "no change is lost among many",
    async check({ harness, vcs }) {
      const repo = await harness.createRepository({ "a.tf": "" });
      const base = await tip(repo, repo.defaultBranch);
      const paths = Array.from({ length: 320 }, (_, n) => `stack-${n % 40}/file-${n}.tf`);
      const to = await repo.push("many", Object.fromEntries(paths.map((path) => [path, path])));
      const range = { base, head: to, direct: false };
      const changes = await value(vcs.changes(repo.ref, range));
      expect(
        changes.map((change) => (change.kind === "added" ? change.path : "")).toSorted(),
      ).toEqual(paths.toSorted());
    },
  },
  {
    name: "the text of a file is read as it is at the commit",
    async check({ harness, vcs }) {
      const text = "ä = “ü”\r\n\t🎉\n\n";
      const repo = await harness.createRepository({ ".terrane/config.yml": text });
      const before = await tip(repo, repo.defaultBranch);
      const after = await repo.push(repo.defaultBranch, { ".terrane/config.yml": "" });
      const read = (commit: typeof before) =>
        value(vcs.file(repo.ref, commit, ".terrane/config.yml", FILE_CHARS_MAX));
      expect(await read(before)).toBe(text);
      expect(await read(after)).toBe("");
    },
  },
  {
    name: "a file that is not there, and a directory, have no text",
    async check({ harness, vcs }) {
      const repo = await harness.createRepository({ "dir/a.tf": "a" });
      const main = await tip(repo, repo.defaultBranch);
      for (const path of ["nothing.tf", "dir", "dir/a.tf/b", "a.tf"]) {
        expect(await value(vcs.file(repo.ref, main, path, FILE_CHARS_MAX))).toBeUndefined();
      }
    },
  },
  {
    name: "a file larger than asked for is rejected, one of just that size is read",
    async check({ harness, vcs }) {
      const just = "x".repeat(FILE_CHARS_MAX);
      const repo = await harness.createRepository({ just, large: `${just}x` });
      const main = await tip(repo, repo.defaultBranch);
      expect(await value(vcs.file(repo.ref, main, "just", FILE_CHARS_MAX))).toBe(just);
      expect(await failure(vcs.file(repo.ref, main, "large", FILE_CHARS_MAX))).toBe("rejected");
    },
  },
  {
    name: "several files are read like one, and those that are not there are left out",
    async check({ harness, vcs }) {
      const files = {
        "config/a.yml": "one: 1\ntwo: 2\n",
        "config/line.yml": "../shared/config.yml",
        "config/empty.yml": "",
        "config/mark.yml": "ü: 🎉\r\n",
        "config/long.yml": `${"x".repeat(FILE_CHARS_MAX)}\n`,
      };
      const repo = await harness.createRepository({ ...files, "config/dir.yml/a.tf": "" });
      const commit = await tip(repo, repo.defaultBranch);
      const paths = ["none.yml", "config/dir.yml", "config", ...Object.keys(files)];
      const read = (ref = repo.ref, at = commit) => vcs.readFiles(ref, at, paths, FILE_CHARS_MAX);
      const found = await value(read());
      expect(
        found.map((file) => [file.path, file.kind === "text" ? file.text : file.kind]),
      ).toEqual([
        ["config/a.yml", files["config/a.yml"]],
        ["config/line.yml", files["config/line.yml"]],
        ["config/empty.yml", ""],
        ["config/mark.yml", "ü: 🎉\r\n"],
        ["config/long.yml", "unreadable"],
      ]);
      expect(await value(vcs.readFiles(repo.ref, commit, [], FILE_CHARS_MAX))).toEqual([]);
      expect(await failure(read(repo.ref, NO_COMMIT))).toBe("not_found");
      expect(await failure(read(nowhere(repo.ref)))).toBe("not_found");
    },
  },
  {
    name: "a person's permission is what the repository gives",
    async check({ harness, vcs }) {
      const repo = await harness.createRepository({ "a.tf": "" });
      for (const permission of ["read", "write", "admin"] as const) {
        const person = await repo.person(`with-${permission}`, permission);
        expect(await value(vcs.permission(repo.ref, person.id))).toBe(permission);
      }
      const person = await repo.person("with-read", "read");
      expect(await failure(vcs.permission(nowhere(repo.ref), person.id))).toBe("not_found");
    },
  },
  {
    name: "somebody whom the repository does not know has no permission",
    async check({ harness, vcs }) {
      const repo = await harness.createRepository({ "a.tf": "" });
      const stranger = await repo.person("stranger", "none");
      expect(await value(vcs.permission(repo.ref, stranger.id))).toBe("none");
      expect(await value(vcs.permission(repo.ref, "987654321" as AccountId))).toBe("none");
    },
  },
];

async function checkNames(
  { harness, vcs }: Parameters<VcsRule["check"]>[0],
  names: readonly string[],
): Promise<void> {
  const repo = await harness.createRepository({ "a.tf": "" });
  const base = await tip(repo, repo.defaultBranch);
  const to = await repo.push("odd", Object.fromEntries(names.map((name) => [name, `in ${name}`])));
  const tree = await value(vcs.tree(repo.ref, to));
  expect(tree.toSorted()).toEqual(["a.tf", ...names].toSorted());
  const changes = await value(vcs.changes(repo.ref, { base, head: to, direct: false }));
  expect(new Set(changes)).toEqual(new Set(names.map((path) => ({ kind: "added", path }))));
  for (const name of names) {
    expect(await value(vcs.file(repo.ref, to, name, FILE_CHARS_MAX))).toBe(`in ${name}`);
  }
}
