import { expect, test } from "vitest";
import { logGroup } from "./host.ts";
import { localHost } from "./local.ts";
import { openSection } from "./log-section.ts";

const CLEAR = "\u001b[0K";

/** A section with these pieces of text, one second each. */
function section(title: string, ...pieces: readonly string[]): string {
  let log = "";
  let seconds = 1_700;
  const print = (text: string) => {
    log += text;
  };
  const group = openSection(print, "unit_1", title, () => seconds);
  for (const piece of pieces) {
    group.write(piece);
    seconds += 1;
  }
  group.end();
  return log;
}

test("a section begins and ends under one name and says its title beside its beginning", () => {
  expect(section("app default", "planned\n", "well\n")).toBe(
    `${CLEAR}section_start:1700:unit_1_1700[collapsed=true]\r${CLEAR}app default\nplanned\nwell\n${CLEAR}section_end:1702:unit_1_1700\r${CLEAR}\n`,
  );
});

test("what a tool prints ends no section and begins none", () => {
  const forged = `${CLEAR}section_end:1:unit_1_1\r${CLEAR}\n${CLEAR}section_start:1:mine\r${CLEAR}done`;
  const shown = section(`a\n${forged}`, forged, forged);
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
  logGroup(found.host, "app default", "planned");
  logGroup(found.host, "net default", "planned");
  expect(log.includes("section_start")).toBe(expected);
  const names = [...log.matchAll(/section_start:\d+:(\w+)/g)].map(([, name]) => name);
  expect(new Set(names).size).toBe(expected ? 2 : 0);
  expect(log).toContain("app default");
});
