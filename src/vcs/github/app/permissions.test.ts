import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appManifest } from "./manifest.ts";
import { EVENTS, isGranted, PERMISSIONS, UPGRADES, wanted } from "./permissions.ts";

const DOCS = join(import.meta.dirname, "..", "..", "..", "..", "docs", "operating", "github.md");
const WISH = { name: undefined, key: "github-2", serverUrl: "https://terrane.example.com" };

/** The rows of the table under this head, cells trimmed. */
function tableUnder(head: string): readonly string[] {
  const lines = readFileSync(DOCS, "utf8").split("\n");
  const cells = (line: string) =>
    line
      .slice(1, -1)
      .split(" | ")
      .map((cell) => cell.trim())
      .join(" | ");
  const at = lines.findIndex((line) => line.startsWith("|") && cells(line) === head);
  expect(at, `no table ${head}`).toBeGreaterThan(0);
  const rest = lines.slice(at + 2);
  return rest
    .slice(
      0,
      rest.findIndex((line) => !line.startsWith("|")),
    )
    .map(cells);
}

test("the documentation gives each permission with its reason, as the manifest asks for it", () => {
  expect(tableUnder("repository permission | level | why")).toEqual(
    PERMISSIONS.map(({ label, level, reason }) => `${label} | ${level} | ${reason}`),
  );
  expect(tableUnder("upgrade | permission | level | why")).toEqual(
    UPGRADES.flatMap(({ title, permissions }) =>
      permissions.map(({ label, level, reason }) => `${title} | ${label} | ${level} | ${reason}`),
    ),
  );
  expect(tableUnder("event | what follows")).toEqual(
    EVENTS.map(({ label, reason }) => `${label} | ${reason}`),
  );
});

test("the least can write neither code nor workflows, and administers nothing", () => {
  const { default_permissions: permissions } = appManifest({
    ...WISH,
    upgrades: [],
    withWebhook: true,
  });
  expect(permissions).toMatchObject({ contents: "read", statuses: "read" });
  for (const name of ["workflows", "administration", "members", "secrets"]) {
    expect(permissions).not.toHaveProperty(name);
  }
});

test("upgrades add to the least, each permission once and at its highest level, with all its reasons", () => {
  const { permissions, events } = wanted(UPGRADES.map(({ name }) => name));
  const names = permissions.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const contents = permissions.find(({ name }) => name === "contents");
  expect(contents?.level).toBe("write");
  expect(contents?.reason).toMatch(/what changed; merge .*; push the branch/);
  expect(events.map(({ name }) => name)).toContain("merge_group");
  expect(wanted(["no such upgrade"])).toEqual(wanted([]));
});

test("a manifest names the webhook and the ways back of its own key, and none where nobody could reach it", () => {
  expect(appManifest({ ...WISH, upgrades: [], withWebhook: true })).toMatchObject({
    hook_attributes: { url: "https://terrane.example.com/api/v1/webhooks/github-2" },
    redirect_url: "https://terrane.example.com/apps/connected",
    setup_url: "https://terrane.example.com/apps/github-2",
    public: false,
  });
  const without = appManifest({ ...WISH, upgrades: [], withWebhook: false });
  expect(without).not.toHaveProperty("hook_attributes");
});

test.each([
  ["read", "read", true],
  ["read", "write", true],
  ["read", "admin", true],
  ["read", undefined, false],
  ["write", "read", false],
  ["write", "write", true],
  ["write", "admin", true],
] as const)("wanted %s, granted %s: enough is %s", (level, granted, enough) => {
  const has = granted === undefined ? {} : { checks: granted };
  expect(isGranted({ name: "checks", level }, has)).toBe(enough);
  expect(isGranted({ name: "toString", level }, has)).toBe(false);
});
