import { expect, test } from "vitest";
import { aKey } from "../../test/support/comment-views.ts";
import type { Instant } from "../base/brand.ts";
import type { Reason } from "../core/reason.ts";
import { notice } from "./notice.ts";

test("a reason that a rule makes names where the rules stand", () => {
  const rules = [
    { path: "dirs.a", file: ".terrane/config.yml", line: 3 },
    { path: "dirs.b", file: ".terrane/config.yml (on main)", line: 12 },
  ];
  const reason: Reason = { code: "autoplan_off", dirspaces: [aKey("a")], rules };
  const shown = notice(
    {
      at: 0 as Instant,
      command: "terrane why",
      actor: "ann",
      outcome: "information",
      reasons: [reason],
    },
    { commentCharsMax: 65_536, numberSign: "#" },
  );
  expect(shown.join("\n")).toContain(
    "Rule: `.terrane/config.yml:3`, `.terrane/config.yml:12 (on main)`.",
  );
});
