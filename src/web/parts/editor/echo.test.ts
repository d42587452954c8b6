import { expect, test } from "vitest";
import { createEcho } from "./echo.ts";

test("what the page says after the next key was typed is what it was told before", () => {
  const echo = createEcho();
  echo.tell("a");
  echo.tell("ab");
  expect(echo.isEcho("a")).toBe(true);
  expect(echo.isEcho("ab")).toBe(true);
});

test("a page that says only the last of several keys is no other", () => {
  const echo = createEcho();
  for (const text of ["a", "ab", "abc"]) echo.tell(text);
  expect(echo.isEcho("abc")).toBe(true);
  // An older text is the page's own word by now.
  expect(echo.isEcho("ab")).toBe(false);
});

test("what nobody typed is the page's own word, and ends what was waited for", () => {
  const echo = createEcho();
  echo.tell("a");
  expect(echo.isEcho("the file")).toBe(false);
  expect(echo.isEcho("a")).toBe(false);
});
