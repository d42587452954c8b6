import fc from "fast-check";
import { expect, test } from "vitest";
import { substituteVariables } from "./substitute-variables.ts";

const VARIABLES = { region: "eu", "a{b}c": "odd", dollar: "${region}", empty: "" };

/** Text, what becomes of it. */
const TEXTS: readonly (readonly [string, string])[] = [
  ["", ""],
  ["plain", "plain"],
  ["${region}", "eu"],
  ["x-${region}-y-${region}", "x-eu-y-eu"],
  ["${a{b}c}", "odd"],
  ["${dollar}", "${region}"],
  ["${empty}", ""],
  ["$${region}", "${region}"],
  ["$$${region}", "$${region}"],
  ["${region}$${region}", "eu${region}"],
  ["$", "$"],
  ["$$", "$$"],
  ["$region {region}", "$region {region}"],
  ["${region", "${region"],
  ["${region} ${reg", "eu ${reg"],
  ["${a{b}", "${a{b}"],
];

test.each(TEXTS)("%j becomes %j", (text, expected) => {
  expect(substituteVariables(text, VARIABLES)).toEqual({ kind: "ok", text: expected });
});

test.each(["${zone}", "${}", "${ region }", "${toString}", "${__proto__}"])(
  "%j names no variable",
  (text) => {
    const name = text.slice(2, -1);
    expect(substituteVariables(text, VARIABLES)).toEqual({ kind: "unknown", name });
  },
);

test("text without a dollar is never touched, and doubled dollars bring any name through", () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !/[${}]/.test(text)),
      (text) => {
        expect(substituteVariables(text, {})).toEqual({ kind: "ok", text });
        expect(substituteVariables(`$\${${text}}`, {})).toEqual({
          kind: "ok",
          text: `\${${text}}`,
        });
        expect(substituteVariables(`\${${text}}`, { [text]: "x" })).toEqual({
          kind: "ok",
          text: "x",
        });
      },
    ),
  );
});
