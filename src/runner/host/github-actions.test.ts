import { expect, test } from "vitest";
import { actionsHost } from "./github-actions.ts";

const ENV = { "INPUT_SERVER-URL": "https://terrane.example.test", INPUT_ATTEMPT: "a" };

test("what is printed piece by piece in a group is obeyed nowhere, and the group ends where we end it", () => {
  const printed: string[] = [];
  const found = actionsHost(ENV, "/", (text) => printed.push(text));
  if (found.kind !== "ok") throw new Error(found.message);
  const group = found.host.openGroup("Hooks\nbefore");
  group.write("::endgroup::\n");
  group.write("::set-env name=PATH::/evil\n::endgroup::\n");
  group.end();
  const log = printed.join("");
  const obeyed = log.replaceAll(/^::stop-commands::(\w+)\n[^]*?^::\1::\n/gm, "");
  expect(obeyed).toBe("::group::Hooks before\n::endgroup::\n");
  const pauses = [...log.matchAll(/::stop-commands::(\w+)/g)].map(([, pause]) => pause);
  expect(new Set(pauses).size).toBe(2);
});
