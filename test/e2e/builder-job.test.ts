import { afterAll, beforeAll, expect } from "vitest";
import { isOver } from "../support/pull-request-once.ts";
import { type RepositoryScene, repositoryScene } from "../support/repository-scene.ts";
import { whereTerraform } from "../support/where-terraform.ts";

/**
 * The runner as it is shipped runs the builders of a real git repository and plans what they affect, in one CI job.
 * The list of files is made of a catalogue: each file is a directory and the version of what is in it.
 */
const LIST_FILES = `#!/bin/sh
# Absolute paths, with the content as their id. The catalogue stands for what another tool would make.
printf '['
sep=
for file in catalogue/*; do
  printf '%s{"path": "%s/live/%s/main.tf", "id": "%s"}' "$sep" "$PWD" "\${file#catalogue/}" "$(cat "$file")"
  sep=,
done
printf ']\\n'
`;

const FILES: Readonly<Record<string, string>> = {
  ".terrane/config.yml": `tree_builder:
  enabled: true
  script: ./tools/list-files
config_builder:
  enabled: true
  script: |
    test -f broken && { echo "::add-mask::$(cat broken)"; echo "the key is $(cat broken)" >&2; exit 3; }
    test -f typo && echo 'paralel_runs: 3'
    # Whoever reads no input gets none.
    test "$(head -c 1)" = "{"
    echo 'parallel_runs: 5'
    for dir in live/*; do echo "dirs: {$dir: {tags: [built]}}"; break; done
`,
  "tools/list-files": LIST_FILES,
  "catalogue/a": "1\n",
  "catalogue/b": "1\n",
  "live/a/main.tf": 'resource "terraform_data" "a" {}\n',
  "live/b/main.tf": 'resource "terraform_data" "b" {}\n',
  "live/c/main.tf": 'resource "terraform_data" "c" {}\n',
};

let scene: RepositoryScene;

beforeAll(async () => {
  scene = await repositoryScene(({ write }) => {
    for (const [path, text] of Object.entries(FILES)) write(path, text);
  });
});

afterAll(() => scene.close());

whereTerraform(
  "runner defect 20: files with another id than where the branch began are planned, by absolute paths, in one job",
  async () => {
    const number = await scene.open("ids", () => {
      scene.write("catalogue/b", "2\n");
      scene.write("catalogue/c", "1\n");
    });
    const shown = await scene.until(number, isOver);
    expect(shown.dirspaces.map(({ key, phase }) => ({ key, phase }))).toEqual([
      { key: "live/b:default", phase: "planned" },
      { key: "live/c:default", phase: "planned" },
    ]);
    expect(await scene.jobsOf(number)).toMatchObject([
      { number: 1, outcome: "finished", parallel: 5 },
    ]);
  },
);

whereTerraform("what the base gained since is no change of the branch", async () => {
  const number = await scene.open("behind", () => scene.write("catalogue/a", "2\n"));
  scene.git("checkout", "-q", "main");
  scene.write("catalogue/b", "9\n");
  scene.commit("Move the base");
  scene.git("push", "-q", "origin", "main");
  const shown = await scene.until(
    number,
    (now) => isOver(now) && now.dirspaces.some(({ phase }) => phase === "planned"),
  );
  expect(shown.dirspaces.map(({ key }) => key)).toEqual(["live/a:default"]);
});

whereTerraform("a script that fails says why, and tells no secret", async () => {
  const number = await scene.open("broken", () => {
    scene.write("catalogue/a", "2\n");
    scene.write("broken", "s3cr3t-catalogue\n");
  });
  const shown = await scene.until(number, (now) => isOver(now) && now.notice !== null);
  const text = JSON.stringify(shown.notice);
  expect(text).toContain("not work");
  expect(text).toContain("exit code 3");
  expect(text).toContain("the key is ***");
  expect(JSON.stringify(await scene.jobsOf(number))).not.toContain("s3cr3t-catalogue");
});

whereTerraform("an error in what a script printed names it and the line", async () => {
  const number = await scene.open("typo", () => {
    scene.write("catalogue/a", "2\n");
    scene.write("typo", "x\n");
  });
  const shown = await scene.until(number, (now) => isOver(now) && now.notice !== null);
  expect(JSON.stringify(shown.notice)).toContain("built by config_builder, line 1");
});
