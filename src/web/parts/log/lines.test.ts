import fc from "fast-check";
import { expect, test } from "vitest";
import { appendToLog, EMPTY_LOG, LINE_CHARS_MAX, LOG_LINES_MAX, linesOf } from "./lines.ts";

const ESC = "\u001b";
const text = (log: ReturnType<typeof appendToLog>) => linesOf(log).map((line) => line.text);

test.each([
  ["plain text", "a\nb\n", ["a", "b"]],
  ["an unfinished line", "a\nb", ["a", "b"]],
  ["empty lines", "a\n\nb\n", ["a", "", "b"]],
  ["Windows line ends", "a\r\nb\r\n", ["a", "b"]],
  ["a progress bar", "10%\r50%\r100%\n", ["100%"]],
  ["colours", `${ESC}[32m+ create${ESC}[0m\n`, ["+ create"]],
  ["a hyperlink", `${ESC}]8;;https://example.com${ESC}\\link${ESC}]8;;${ESC}\\\n`, ["link"]],
  ["cursor movement", `a${ESC}[2K${ESC}[1Gb\n`, ["ab"]],
  ["markup", "<img src=x onerror=alert(1)>\n", ["<img src=x onerror=alert(1)>"]],
])("a log shows %s as its lines", (_what, input, lines) => {
  expect(text(appendToLog(EMPTY_LOG, input))).toEqual(lines);
});

test.each([
  ["32", { fg: 2 }],
  ["1;31", { fg: 1, bold: true }],
  ["91", { fg: 9 }],
  ["38;5;196", { fg: 9 }],
  ["38;2;0;200;0", { fg: 2 }],
  ["44", { bg: 4 }],
  ["3;4", { italic: true, underline: true }],
  ["31;39", { fg: undefined }],
  ["1;0", { bold: false }],
])("the colour code %s sets the style", (code, style) => {
  const log = appendToLog(EMPTY_LOG, `${ESC}[${code}mx\n`);
  expect(linesOf(log)[0]?.spans[0]?.style).toMatchObject(style);
});

test("a colour lasts over line ends until it is reset", () => {
  const log = appendToLog(EMPTY_LOG, `${ESC}[31ma\nb${ESC}[0m\nc\n`);
  expect(linesOf(log).map((line) => line.spans[0]?.style.fg)).toEqual([1, 1, undefined]);
});

test("lines are the same however the text was cut into chunks", () => {
  const piece = fc.constantFrom("a", "\n", "\r", ESC, "[", "3", "1", ";", "m", "]8;;", "\\", "é");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), fc.nat(60), (pieces, cut) => {
      const whole = pieces.join("");
      const once = appendToLog(EMPTY_LOG, whole);
      const twice = appendToLog(appendToLog(EMPTY_LOG, whole.slice(0, cut)), whole.slice(cut));
      expect(linesOf(twice)).toEqual(linesOf(once));
    }),
  );
});

test("a log never shows an escape character as part of a finished colour sequence", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(255), { maxLength: 6 }), (codes) => {
      const log = appendToLog(EMPTY_LOG, `x${ESC}[${codes.join(";")}my\n`);
      expect(text(log)).toEqual(["xy"]);
    }),
  );
});

test("a log keeps its last lines and counts the ones it cut", () => {
  const log = appendToLog(EMPTY_LOG, "x\n".repeat(LOG_LINES_MAX + 5));
  expect(log.lines.length).toBe(LOG_LINES_MAX);
  expect(log.cut).toBe(5);
  expect(linesOf(log).at(-1)?.number).toBe(LOG_LINES_MAX + 5);
});

test("an endless line is broken into lines of bounded length", () => {
  const log = appendToLog(EMPTY_LOG, "x".repeat(LINE_CHARS_MAX * 3));
  expect(Math.max(...linesOf(log).map((line) => line.text.length))).toBeLessThanOrEqual(
    LINE_CHARS_MAX,
  );
});
