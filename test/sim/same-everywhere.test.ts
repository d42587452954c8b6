import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

/** Traces of some seeds, from a process of its own in another place and language. */
function traces(env: Readonly<Record<string, string>>): unknown {
  const args = ["tools/sim.ts", "--seeds", "12", "--seed", "100", "--workers", "1", "--trace"];
  const printed = execFileSync("npx", ["tsx", ...args, "--json"], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  const last = printed.trim().split("\n").at(-1) ?? "";
  return (JSON.parse(last) as { readonly traces: unknown }).traces;
}

test("S30 a seed is the same history in another process, time zone and language", () => {
  const here = traces({ TZ: "UTC", LC_ALL: "C" });
  expect(here).toHaveLength(12);
  expect(traces({ TZ: "Pacific/Chatham", LC_ALL: "tr_TR.UTF-8" })).toEqual(here);
});
