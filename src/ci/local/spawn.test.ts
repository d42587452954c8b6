import { expect, test } from "vitest";
import { allowedEnvironment, ENVIRONMENT_ALLOWED } from "./spawn.ts";

const SERVER = {
  PATH: "/usr/bin",
  HOME: "/nonexistent",
  AWS_PROFILE: "plan",
  AWS_REGION: "eu-central-1",
  DATABASE_URL: "postgres://secret",
  TERRANE_SECRET: "secret",
  NODE_OPTIONS: "--inspect",
  EMPTY: undefined,
};

test.each<[readonly string[], Readonly<Record<string, string>>]>([
  [ENVIRONMENT_ALLOWED, { PATH: "/usr/bin", HOME: "/nonexistent" }],
  [["AWS_*"], { AWS_PROFILE: "plan", AWS_REGION: "eu-central-1" }],
  [["AWS_PROFILE", "EMPTY", "NOT_SET"], { AWS_PROFILE: "plan" }],
  [[], {}],
])("T14 with %j allowed a job sees that and nothing more", (allowed, env) => {
  expect(allowedEnvironment(SERVER, allowed)).toEqual(env);
});

test("T14 the server's own secrets stay with it, whatever is allowed", () => {
  const env = allowedEnvironment(SERVER, ["*", "DATABASE_URL", "TERRANE_SECRET"]);
  expect(Object.values(env).filter((text) => text.includes("secret"))).toEqual([]);
});
