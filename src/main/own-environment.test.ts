import { expect, test } from "vitest";
import { SETTING_NAMES } from "./config.ts";
import { ownEnvironment } from "./own-environment.ts";

test("a server of its own reaches no address, database or app that the shell is set up for", () => {
  const tools = { PATH: "/bin", AWS_REGION: "eu-central-1" };
  const settings = Object.fromEntries(SETTING_NAMES.map((name) => [name, "of the real one"]));
  expect(ownEnvironment({ ...tools, ...settings })).toEqual({
    ...tools,
    TERRANE_JOB_ENVIRONMENT: "of the real one",
  });
});
