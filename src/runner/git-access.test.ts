import { expect, test } from "vitest";
import { gitAccess } from "./git-access.ts";

test("the token goes to the repository's own server, in the environment of git", () => {
  expect(
    gitAccess({ cloneUrl: "https://code.example.test/acme/infra", token: "t0ken" }, {}),
  ).toEqual({
    GIT_CONFIG_COUNT: "2",
    GIT_CONFIG_KEY_0: "http.https://code.example.test/.extraHeader",
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${btoa("x-access-token:t0ken")}`,
    GIT_CONFIG_KEY_1: "credential.helper",
    GIT_CONFIG_VALUE_1: "",
  });
});

test("a service that asks for a name gets the one that it was said to want", () => {
  const source = { cloneUrl: "https://code.example.test/a", token: "t0ken", user: "ci-job" };
  expect(gitAccess(source, {})).toMatchObject({
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${btoa("ci-job:t0ken")}`,
  });
});

test("settings that are there stay", () => {
  const source = { cloneUrl: "https://code.example.test/acme/infra", token: "t0ken" };
  expect(gitAccess(source, { GIT_CONFIG_COUNT: "1" })).toMatchObject({
    GIT_CONFIG_COUNT: "3",
    GIT_CONFIG_KEY_1: "http.https://code.example.test/.extraHeader",
    GIT_CONFIG_KEY_2: "credential.helper",
  });
});

test.each([
  ["no source", undefined],
  ["no token", { cloneUrl: "https://code.example.test/acme/infra", token: undefined }],
  ["a path", { cloneUrl: "/srv/infra.git", token: "t0ken" }],
  ["a file", { cloneUrl: "file:///srv/infra.git", token: "t0ken" }],
  ["another program", { cloneUrl: "ext::sh -c evil", token: "t0ken" }],
])("nothing is told to git for %s", (_, source) => {
  expect(gitAccess(source, {})).toEqual({});
});

test.each([
  ["https://git.corp.example.test/acme/infra.git", "https://git.corp.example.test"],
  ["https://git.corp.example.test:8443/git/acme/infra", "https://git.corp.example.test:8443"],
  ["http://10.0.0.7:3000/acme/infra.git", "http://10.0.0.7:3000"],
])("runner defect 26: a token reads %s as well as a hosted service", (cloneUrl, origin) => {
  expect(gitAccess({ cloneUrl, token: "t0ken" }, {})).toMatchObject({
    GIT_CONFIG_KEY_0: `http.${origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: expect.stringContaining("Basic ") as string,
  });
});
