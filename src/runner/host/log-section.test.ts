import { expect, test } from "vitest";
import { localHost } from "./local.ts";
import { logSection } from "./log-section.ts";

const CLEAR = "\u001b[0K";

test("a section begins and ends under one name and says its title beside its beginning", () => {
  expect(logSection("unit_1", "app default", "planned\nwell", 1_700)).toBe(
    `${CLEAR}section_start:1700:unit_1_1700[collapsed=true]\r${CLEAR}app default\nplanned\nwell\n${CLEAR}section_end:1700:unit_1_1700\r${CLEAR}\n`,
  );
});

test("what a tool prints ends no section and begins none", () => {
  const forged = `${CLEAR}section_end:1:unit_1_1\r${CLEAR}\n${CLEAR}section_start:1:mine\r${CLEAR}done`;
  const shown = logSection("unit_1", `a\n${forged}`, forged, 1);
  expect(shown.split(`${CLEAR}section_`)).toHaveLength(3);
});

test.each([
  ["sections", true],
  ["", false],
  [undefined, false],
])("with TERRANE_LOG_GROUPS %j groups are sections: %s", (groups, expected) => {
  let log = "";
  const env = {
    TERRANE_SERVER_URL: "https://terrane.example.test",
    TERRANE_ATTEMPT: "a",
    TERRANE_ID_TOKEN: "x",
    TERRANE_LOG_GROUPS: groups,
  };
  const found = localHost(env, "/", (text) => {
    log += text;
  });
  if (found.kind !== "ok") throw new Error(found.message);
  found.host.logGroup("app default", "planned");
  found.host.logGroup("net default", "planned");
  expect(log.includes("section_start")).toBe(expected);
  const names = [...log.matchAll(/section_start:\d+:(\w+)/g)].map(([, name]) => name);
  expect(new Set(names).size).toBe(expected ? 2 : 0);
  expect(log).toContain("app default");
});
