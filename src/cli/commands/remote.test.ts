import { expect, test } from "vitest";
import type { Api } from "../api.ts";
import { UsageError } from "../host.ts";
import { parsePort } from "../port.ts";
import { repositoryId } from "./remote.ts";

function serving(...names: readonly string[]): Api {
  const list = names.map((fullName, at) => ({ id: `id-${at}`, fullName }));
  return (async () => list) as unknown as Api;
}

test("a repository is found by its id, its whole name, or by a last part that no other has", async () => {
  const api = serving("acme/infra", "globex/network", "initech/infra");
  expect(await repositoryId(api, "id-1")).toBe("id-1");
  expect(await repositoryId(api, "initech/infra")).toBe("id-2");
  expect(await repositoryId(api, "network")).toBe("id-1");
});

test("a last part that two repositories have names both", async () => {
  const found = repositoryId(serving("acme/infra", "initech/infra"), "infra");
  await expect(found).rejects.toMatchObject({
    message: "infra is more than one repository.",
    next: "Name one whole: acme/infra, initech/infra.",
  });
});

test("without a name there has to be one repository only", async () => {
  expect(await repositoryId(serving("acme/infra"), undefined)).toBe("id-0");
  await expect(repositoryId(serving("a/b", "a/c"), undefined)).rejects.toThrow("Which repository?");
  await expect(repositoryId(serving(), "infra")).rejects.toThrow(UsageError);
});

test.each(["abc", "", "-1", "65536", "80.5"])("a port is no %j", (text) => {
  expect(() => parsePort(text)).toThrow("a port is a number from 0 to 65535");
});
