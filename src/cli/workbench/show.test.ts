import { expect, test } from "vitest";
import { cliHost } from "../../../test/support/cli-host.ts";
import { findAffected } from "./affected.ts";
import { showConfig } from "./show.ts";
import type { SourceOptions } from "./sources.ts";

const FILES = {
  "c.yml": "parallel_runs: 2",
  tree: "a/main.tf",
  "central/config/infra/overrides.yml": "parallel_runs: 5",
  "other/config/apps/overrides.yml": "parallel_runs: 6",
};

test("a central repository counts for the repository that it knows by this name", async () => {
  const host = cliHost(FILES);
  const options = { repo: ".", config: "c.yml", central: "central", name: "infra" };
  expect(await showConfig(host, options)).toBe(0);
  expect(host.printed).toContain("parallel_runs: 5 # central/config/infra/overrides.yml:1");
});

/** What was given, what is said about it, what to do. */
const UNUSED: readonly (readonly [string, SourceOptions, string, string])[] = [
  [
    "a central directory without files",
    { central: "nowhere", name: "infra" },
    "nowhere holds no central configuration for a repository called infra.",
    "config/defaults.yml, config/overrides.yml, config/infra/defaults.yml, config/infra/overrides.yml, config/infra/config.yml",
  ],
  [
    "a central directory that is about others",
    { central: "other" },
    "other holds no central configuration for a repository called work.",
    "--name",
  ],
  ["a name without a central directory", { name: "infra" }, "there is no --central.", "--central"],
  [
    "a default branch without a checkout",
    { defaultBranch: "main" },
    'This is no git checkout, so there is no "main" to read.',
    "leave --default-branch out",
  ],
];

test.each(UNUSED)("%s is wrong use", async (_, given, message, next) => {
  const refused = {
    message: expect.stringContaining(message),
    next: expect.stringContaining(next),
    status: 2,
  };
  const options = { repo: ".", config: "c.yml", ...given };
  await expect(showConfig(cliHost(FILES), options)).rejects.toMatchObject(refused);
  const lists = { tree: "tree", changed: "tree" };
  await expect(findAffected(cliHost(FILES), { ...options, ...lists })).rejects.toMatchObject(
    refused,
  );
});

test.each([
  ["beside a file", { config: "c.yml", ref: "main" }, "--config and --ref both say what is shown."],
  ["without a checkout", { ref: "main" }, "This is no git checkout"],
])("a ref %s is wrong use", async (_, given, message) => {
  await expect(showConfig(cliHost(FILES), { repo: ".", ...given })).rejects.toMatchObject({
    message: expect.stringContaining(message),
    status: 2,
  });
});
