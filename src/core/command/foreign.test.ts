import fc from "fast-check";
import { expect, test } from "vitest";
import { translate } from "./foreign.ts";
import { firstWordOf, parseComment } from "./parse-comment.ts";

/** The outcome in one line: `apply dir:net`, or `flag --lock → plan`. */
function brief(body: string): string {
  const parsed = parseComment(body, "atlantis");
  if (parsed.kind === "not_a_command") return "ignored";
  if (parsed.kind === "refused") {
    const { reason } = parsed;
    if (reason.code === "foreign_command")
      return `${reason.why} ${reason.word} → ${reason.command}`;
    return reason.code === "unknown_command" ? `unknown ${reason.word}` : reason.code;
  }
  const { command } = parsed;
  const query = "query" in command ? command.query?.text : undefined;
  return query === undefined ? command.kind : `${command.kind} ${query}`;
}

test.each([
  ["atlantis plan", "plan"],
  ["Atlantis Plan", "plan"],
  ["`atlantis apply`\nthanks", "apply"],
  ["atlantis", "ignored"],
  ["atlantis: plan", "ignored"],
  ["run plan", "ignored"],
  ["atlantis plan -d net", "plan dir:net"],
  ["atlantis plan -d=net", "plan dir:net"],
  ["atlantis plan -dnet", "plan dir:net"],
  ["atlantis plan --dir net", "plan dir:net"],
  ["atlantis plan --dir=./net//core/", "plan dir:net/core"],
  ["atlantis plan -d .", "plan dir:."],
  ["atlantis plan -d ./", "plan dir:."],
  ["atlantis apply -w blue", "apply workspace:blue"],
  ["atlantis apply -w blue -d net", "apply dir:net and workspace:blue"],
  ["atlantis apply --verbose -d net", "apply dir:net"],
  ['atlantis plan -d "two words"', 'plan "dir:two words"'],
  ["atlantis plan -d two\\ words", 'plan "dir:two words"'],
  ["atlantis plan -p net", "plan net or stack_name:net"],
  ["atlantis plan --project=or", 'plan "or" or stack_name:or'],
  ["atlantis plan -p net -d net", "project_and_place -p net → plan net or stack_name:net"],
  ["atlantis plan -w blue -p net", "project_and_place -p net → plan net or stack_name:net"],
  ["atlantis plan -d", "value -d → plan"],
  ["atlantis plan -d -w", "value -d → plan"],
  ["atlantis plan -d a -d b", "value -d → plan dir:a"],
  ["atlantis plan -d ''", "value -d → plan"],
  ["atlantis plan -d 'a", "quotes -d 'a → plan"],
  ["atlantis plan --lock", "flag --lock → plan"],
  ["atlantis plan -x -d a", "flag -x → plan"],
  ["atlantis plan -d a b", "argument b → plan dir:b"],
  ["atlantis plan -d a -- -destroy -x", "extra_arguments -- -destroy -x → plan dir:a"],
  ["atlantis apply --auto-merge-disabled", "merging --auto-merge-disabled → apply"],
  ["atlantis apply -d a --auto-merge-method squash", "merging --auto-merge-method → apply dir:a"],
  ["atlantis unlock", "unlock"],
  ["atlantis unlock 12", "argument 12 → unlock"],
  ["atlantis unlock -d a", "flag -d → unlock"],
  ["atlantis cancel", "cancel"],
  ["atlantis help me", "help"],
  ["atlantis approve_policies", "policies approve_policies → gate approve <token>"],
  ["atlantis import a b", "state import → plan"],
  ["atlantis state rm a", "state state → plan"],
  ["atlantis version", "version version → repo-config"],
  ["atlantis paln", "unknown paln"],
  // What no flag is in may be one of ours.
  ["atlantis plan dir:net and not prod", "plan dir:net and not prod"],
  ["atlantis plan and", "bad_query"],
  ["atlantis why net", "why"],
  ["terrane plan -d net", "plan -d net"],
])("where `atlantis` counts, %j means: %s", (body, outcome) => {
  expect(brief(body)).toBe(outcome);
});

test("without the setting nobody is spoken to", () => {
  expect(parseComment("atlantis plan")).toEqual({ kind: "not_a_command" });
  expect(parseComment("atlantis plan", "tf")).toEqual({ kind: "not_a_command" });
  expect(firstWordOf(" `Atlantis plan`\nx")).toBe("atlantis");
  expect(firstWordOf("")).toBe("");
});

const PIECES = fc.constantFrom(
  ..."plan apply -d -w -p --dir= -- --verbose ' \" \\ . / net or ( ) --x = unlock".split(" "),
  " ",
  "\t",
  "",
);

test("translating never throws, and what comes out is always read", () => {
  const rest = fc.oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.array(PIECES, { maxLength: 15 }).map((all) => all.join(" ")),
    fc.array(PIECES, { maxLength: 15 }).map((all) => all.join("")),
  );
  const verb = fc.oneof(fc.constantFrom("plan", "apply", "unlock", "state"), fc.string());
  fc.assert(
    fc.property(verb, rest, (word, text) => {
      const translated = translate(word, text);
      expect(["line", "untranslated"]).toContain(translated.kind);
      expect(["command", "refused", "not_a_command"]).toContain(
        parseComment(`atlantis ${word} ${text}`, "atlantis").kind,
      );
    }),
    { numRuns: 2000 },
  );
});

test("a directory and a workspace come out as exactly themselves, whatever they are called", () => {
  const name = fc
    .string({ minLength: 1, maxLength: 20 })
    .filter((one) => !one.startsWith("-") && !/[\\/'"\s]/.test(one) && one !== ".");
  fc.assert(
    fc.property(name, name, (dir, workspace) => {
      const parsed = parseComment(`atlantis plan -d ${dir} -w '${workspace}'`, "atlantis");
      expect(parsed).toMatchObject({
        command: {
          query: {
            root: {
              kind: "and",
              operands: [
                { kind: "tag", tag: `dir:${dir}` },
                { kind: "tag", tag: `workspace:${workspace}` },
              ],
            },
          },
        },
      });
    }),
  );
});
