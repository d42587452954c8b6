import { expect, test } from "vitest";
import type { WorkUnit } from "../contract/work.ts";
import { jobEnvironment, unitEnvironment } from "./environment.ts";

const isFile = (path: string) => path === "/there";

test("contexts become variables and the runner's own credentials go nowhere", () => {
  const env = jobEnvironment(
    {
      PATH: "/bin",
      TERRANE_ID_TOKEN: "x",
      TERRANE_ID_TOKEN_AWS: "x",
      TERRANE_CODE: "x",
      TERRANE_CODE_FILE: "x",
      TERRANE_CODENAME: "kept",
      TERRANE_SEAL_KEY: "y",
      SECRETS_CONTEXT: '{"A":"1","deep":{"b":1},"TERRANE_SEAL_KEY":"y","TERRANE_GIT_TOKEN":"z"}',
      VARIABLES_CONTEXT: "not json",
    },
    isFile,
  );
  expect(env).toMatchObject({ PATH: "/bin", A: "1", TF_IN_AUTOMATION: "1", TF_INPUT: "0" });
  expect(env).toMatchObject({ TERRANE_CODENAME: "kept" });
  const own = [
    "TERRANE_ID_TOKEN",
    "TERRANE_ID_TOKEN_AWS",
    "TERRANE_CODE",
    "TERRANE_CODE_FILE",
    "TERRANE_SEAL_KEY",
    "TERRANE_GIT_TOKEN",
  ];
  for (const name of [...own, "SECRETS_CONTEXT", "deep"]) expect(env).not.toHaveProperty(name);
});

test("variables of terraform get a lower-case twin that never replaces one that is there", () => {
  const env = jobEnvironment({ TF_VAR_REGION: "a", TF_VAR_ZONE: "b", TF_VAR_zone: "c" }, isFile);
  expect(env).toMatchObject({ TF_VAR_region: "a", TF_VAR_zone: "c" });
});

test.each([
  ["/there", true],
  ["/missing", false],
])("a command-line configuration at %s is kept: %s", (path, kept) => {
  expect("TF_CLI_CONFIG_FILE" in jobEnvironment({ TF_CLI_CONFIG_FILE: path }, isFile)).toBe(kept);
});

function ofUnit(stack: WorkUnit["stack"]): Record<string, string> {
  const unit: WorkUnit = {
    dir: "net",
    workspace: "default",
    steps: [],
    engine: { name: "terraform", version: null, command: null, collectOutputs: true },
    createAndSelectWorkspace: true,
    after: [],
    planDigest: null,
    ...(stack === undefined ? {} : { stack }),
  };
  const work = {
    kind: "plan",
    trigger: "pr",
    dashboardUrl: null,
    repository: { fullName: "acme/infra", cloneUrl: null },
    pullRequest: { number: 7, headRef: "feature", baseRef: "main" },
  } as const;
  const places = { root: "/repo", planFile: "/plan", tmp: "/tmp", data: "/data" };
  return unitEnvironment({ PATH: "/bin", region: "of the job" }, work, unit, places);
}

test("the variables of a stack are variables of every step, and cannot change what is planned", () => {
  const variables = { region: "eu", TERRANE_DIR: "elsewhere", TF_DATA_DIR: "elsewhere" };
  expect(ofUnit({ name: "prod", variables })).toMatchObject({
    PATH: "/bin",
    region: "eu",
    TERRANE_STACK: "prod",
    TERRATEAM_STACK: "prod",
    TERRANE_DIR: "net",
    TF_DATA_DIR: "/data",
  });
});

test("a unit of a server that knows no stacks has none", () => {
  expect(ofUnit(undefined)).not.toHaveProperty("TERRANE_STACK");
});
