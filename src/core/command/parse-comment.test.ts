import fc from "fast-check";
import { expect, test } from "vitest";
import type { ParsedComment } from "./command.ts";
import { COMMAND_TEXT_CHARS_MAX, parseComment } from "./parse-comment.ts";

/** The outcome in one line: `plan`, `plan dir:a`, `unlock 3 5`, `unknown_command Foo → plan`. */
function brief(parsed: ParsedComment): string {
  if (parsed.kind === "not_a_command") return "ignored";
  if (parsed.kind === "refused") {
    const { reason } = parsed;
    switch (reason.code) {
      case "unknown_command":
        return `unknown_command ${reason.word} → ${reason.nearest ?? "none"}`;
      case "bad_query":
        return `bad_query ${reason.query}`;
      case "unlock_unknown":
        return `unlock_unknown ${reason.what}`;
      case "force_unlock_usage":
      case "gate_usage":
      case "feedback_usage":
      case "foreign_command":
        return reason.code;
      default:
        return reason satisfies never;
    }
  }
  const { command } = parsed;
  if (command.kind === "unlock") {
    const flags = [...(command.drift ? ["drift"] : []), ...(command.blocking ? ["blocking"] : [])];
    return ["unlock", ...command.targets, ...flags].join(" ");
  }
  if (command.kind === "force-unlock") {
    const { target, why } = command;
    return `force ${target.kind === "number" ? target.number : target.text} | ${why}`;
  }
  if (command.kind === "help" || command.kind === "repo-config" || command.kind === "cancel") {
    return command.kind;
  }
  if (command.kind === "index") return command.kind;
  if (command.kind === "feedback") return `feedback ${command.message}`;
  if (command.kind === "gate") return `gate ${command.tokens.join(" ")}`;
  if (command.kind === "why") return `why ${command.target ?? ""}`.trim();
  return command.query === undefined ? command.kind : `${command.kind} ${command.query.text}`;
}

test.each([
  // Every edge case that the existing language documents. "Differs" marks what we do otherwise on purpose.
  ["terrateam plan", "plan"],
  ["terrane why", "why"],
  ["terrane unlock drift", "unlock drift"],
  ["terrane unlock Drift #12 12", "unlock 12 drift"],
  ["terrane unlock --blocking", "unlock blocking"],
  ["terrane unlock --all", "unlock_unknown --all"],
  ["terrane force-unlock 12 the host is gone", "force 12 | the host is gone"],
  ["terrane force-unlock ./net/ the host is gone", "force net | the host is gone"],
  ["terrane force-unlock net:blue   the host is gone", "force net:blue | the host is gone"],
  ["terrane force-unlock 12", "force_unlock_usage"],
  ["terrane force-unlock 12 because", "force_unlock_usage"],
  ["terrane force-unlock the lock please do", "force the | lock please do"],
  ["terraform force-unlock 1941a539b made by nobody", "ignored"],
  ["terrane why ./net/", "why net"],
  ["terrane why net:blue", "why net:blue"],
  ["terrane why is this not planned?", "why"],
  ["terraform why does this fail?", "ignored"],
  ["Terraform apply dir:a", "apply dir:a"],
  ["`terrateam plan`", "plan"],
  ["terrateam  plan", "plan"], // Differs: two blanks used to be an unknown command.
  ["terrateam  plan dir:a", "plan dir:a"],
  ["terrateam plan\nthanks!", "plan"], // Differs: the line break used to belong to the verb.
  ["terrateam plan dir:a\nthanks", "plan dir:a"], // Differs: the thanks used to belong to the query.
  ["terrateam Plan", "plan"], // Differs: verbs used to have a case.
  ["terraform is great", "ignored"], // Differs: it used to be answered.
  ["please terrateam plan", "ignored"],
  ["terrateam plan and", "bad_query and"],
  ["terrateam gate", "gate_usage"], // Differs: it used to be an unknown command.
  ["terrateam gate approve", "gate_usage"],
  ["terrateam gate approve a  b", "gate a b"], // Differs: the blank between two blanks used to be a token.
  ["terrateam gate Approve a a", "gate a"],
  ["terrateam gate deny a", "gate_usage"],
  ["terrateam", "ignored"],
])("the comment %j of the existing language means: %s", (body, outcome) => {
  expect(brief(parseComment(body))).toBe(outcome);
});

test.each([
  ["terrane plan", "plan"],
  ["TERRANE APPLY", "apply"],
  ["tofu plan", "plan"],
  ["tofu plan-b is better", "ignored"],
  ["terraform why does this fail?", "ignored"],
  ["terraform cancel culture", "ignored"],
  ["terraform apply-force dir:a", "apply-force dir:a"],
  ["terrane Apply-Force", "apply-force"],
  ["terrane apply-autoapprove dir:a", "apply-autoapprove dir:a"],
  ["terraform Apply-Autoapprove", "apply-autoapprove"],
  ["terrane why dir:a", "why dir:a"],
  ["terrane cancel", "cancel"],
  ["Terrateam CANCEL please", "cancel"],
  ["terrane cancle", "unknown_command cancle → cancel"],
  ["terrane repo-config", "repo-config"],
  ["terraform Repo-Config please", "repo-config"],
  ["terrane index", "index"],
  ["terrateam Index please", "index"],
  ["terraform index", "index"],
  ["terrane feedback the `table`  is wide", "feedback the `table`  is wide"],
  ["terrane Feedback two\nlines", "feedback two"],
  ["terrane feedback", "feedback_usage"],
  ["terraform feedback is welcome", "ignored"],
  ["terrane indx", "unknown_command indx → index"],
  ["terrane paln", "unknown_command paln → plan"],
  ["terrane plan.", "unknown_command plan. → plan"],
  ["terrane aply dir:a", "unknown_command aply → apply"],
  ["terrane unlcok", "unknown_command unlcok → unlock"],
  ["terrane ls", "unknown_command ls → none"],
  ["terrane is great", "unknown_command is → none"],
  ["terrane: plan", "ignored"],
  ["terraneplan", "ignored"],
  ["@terrane plan", "ignored"],
  ["> terrane plan", "ignored"],
  ["", "ignored"],
  ["``", "ignored"],
  ["  \n\n  terrane plan  \n", "plan"],
  ["```\nterrane plan\n```", "plan"],
  ["`terrane apply dir:a`\nthanks, `all`", "apply dir:a"],
  ["terrane\tplan\tdir:a", "plan dir:a"],
  ["terrane\u00a0plan", "plan"],
  ["terrane plan\r\nterrane apply", "plan"],
  ["terrane plan\u2028terrane apply", "plan"],
  ["terrane plan Dir:A or  B", "plan Dir:A or  B"],
  ["terrane plan (", "bad_query ("],
  ["terrane help me please", "help"],
  ["terrane unlock", "unlock"],
  ["terrane unlock 12", "unlock 12"],
  ["terrane unlock 12 7 12", "unlock 12 7"],
  ["terrane unlock #12 !7", "unlock 12 7"],
  ["terrane unlock 12 all", "unlock_unknown all"],
  ["terrane unlock 0", "unlock_unknown 0"],
  ["terrane unlock -1", "unlock_unknown -1"],
  ["terrane unlock 012", "unlock_unknown 012"],
  ["terrane unlock 1.5", "unlock_unknown 1.5"],
  ["terrane unlock 2147483647", "unlock 2147483647"],
  ["terrane unlock 2147483648", "unlock_unknown 2147483648"],
  ["terrane unlock 99999999999999999999", "unlock_unknown 99999999999999999999"],
])("the comment %j means: %s", (body, outcome) => {
  expect(brief(parseComment(body))).toBe(outcome);
});

test("more pull requests than anybody would name are not unlocked at once", () => {
  const numbers = (n: number) => Array.from({ length: n }, (_, i) => i + 1).join(" ");
  expect(parseComment(`terrane unlock ${numbers(100)}`).kind).toBe("command");
  expect(brief(parseComment(`terrane unlock ${numbers(101)}`))).toBe("unlock_unknown 101");
});

test("an `or` that takes in the tags beside it is done, and warned about", () => {
  const parsed = parseComment("terrane plan a b or c");
  expect(parsed).toMatchObject({ kind: "command", warnings: [{ code: "ambiguous_or" }] });
});

test("the line is given back as typed, within its limit", () => {
  expect(parseComment("`Terrane  Plan dir:a `\nthanks")).toMatchObject({
    text: "Terrane  Plan dir:a",
  });
  const long = parseComment(`terrane plan ${"a ".repeat(100_000)}`);
  expect(long).toMatchObject({ kind: "refused", reason: { code: "bad_query" } });
  expect(long.kind === "refused" && long.text.length).toBe(COMMAND_TEXT_CHARS_MAX);
});

test("reading a comment never throws, and nothing it gives back outgrows its limit", () => {
  const pieces = fc.constantFrom(
    "terrane",
    "terrateam",
    "terraform",
    "plan",
    "apply",
    "unlock",
    "help",
    "gate",
    " ",
    "\t",
    "\n",
    "\r\n",
    "`",
    "(",
    ")",
    "and",
    "or",
    "not",
    "in",
    '"',
    "dir:a",
    "#12",
    "9".repeat(700),
  );
  const body = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.array(pieces, { maxLength: 20 }).map((all) => all.join("")),
    fc.array(pieces, { maxLength: 20 }).map((all) => `terrane ${all.join(" ")}`),
  );
  fc.assert(
    fc.property(body, (text) => {
      const parsed = parseComment(text);
      if (parsed.kind === "not_a_command") return;
      expect(parsed.text.length).toBeLessThanOrEqual(COMMAND_TEXT_CHARS_MAX);
      expect(parsed.text).not.toMatch(/[\n\r]/);
      expect(JSON.stringify(parsed.kind === "refused" && parsed.reason).length).toBeLessThan(4_000);
    }),
    { numRuns: 2000 },
  );
});

test("blanks and backticks around a command, and text below it, change nothing", () => {
  const around = fc.constantFrom("", " ", "`", "```", "\n", " \t\n", "` ");
  const line = fc.constantFrom(
    "terrane plan dir:a",
    "terrane unlock 3",
    "terrane nope",
    "hello",
    "tofu apply",
  );
  fc.assert(
    fc.property(around, line, around, fc.string(), (before, text, after, below) => {
      const plain = parseComment(text);
      expect(parseComment(`${before}${text}${after}`)).toEqual(plain);
      expect(parseComment(`${text}\n${below}`)).toEqual(plain);
    }),
  );
});

test.each([" ", "`", "` ", "a "])(
  "a million times %j is read at once",
  (unit) => {
    const body = `terrane${unit.repeat(1_000_000)}x`;
    expect(parseComment(body)).toBeDefined();
  },
  2_000,
);
