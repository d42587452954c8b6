import { expect, test } from "vitest";
import { person } from "../../../test/support/core-world.ts";
import { type Match, parseMatch } from "../config/match.ts";
import { type Answer, type Question, questionKey } from "../fact.ts";
import { matchesAny, type Verdict } from "./terms.ts";

const BOB = person("Bob");

function terms(...texts: readonly string[]): readonly Match[] {
  return texts.map((text) => {
    const parsed = parseMatch(text);
    if (parsed.kind === "error") throw new Error(parsed.message);
    return parsed.match;
  });
}

function known(...pairs: readonly (readonly [Question, Answer])[]): ReadonlyMap<string, Answer> {
  return new Map(pairs.map(([question, answer]) => [questionKey(question), answer]));
}

const role = (permission: "read" | "write" | "admin") =>
  [
    { kind: "permission", account: BOB.id },
    { kind: "permission", permission },
  ] as const;
const team = (slug: string, member: boolean) =>
  [
    { kind: "team_member", team: slug, account: BOB.id },
    { kind: "team_member", member },
  ] as const;
const hidden = (slug: string) =>
  [
    { kind: "team_member", team: slug, account: BOB.id },
    { kind: "refused", message: "no right to look" },
  ] as const;

function brief(verdict: Verdict): string {
  if (verdict.kind !== "ask") return verdict.kind;
  return `ask ${verdict.questions.map((one) => one.kind).join(", ")}`;
}

test.each([
  ["an empty list is nobody", terms(), known(), "no"],
  ["a star is anyone", terms("*"), known(), "yes"],
  ["a login has no case", terms("user:bOB"), known(), "yes"],
  ["another login does not match", terms("user:ann"), known(), "no"],
  ["a role is asked for", terms("role:write"), known(), "ask permission"],
  ["a stronger role will do", terms("role:write"), known(role("admin")), "yes"],
  ["a weaker role will not", terms("role:write"), known(role("read")), "no"],
  ["repo: is role:", terms("repo:read"), known(role("read")), "yes"],
  ["a team is asked for", terms("team:ops"), known(), "ask team_member"],
  ["a member matches", terms("team:ops"), known(team("ops", true)), "yes"],
  ["a slug has no case", terms("team:OPS"), known(team("ops", true)), "yes"],
  ["who is not in it does not", terms("team:ops"), known(team("ops", false)), "no"],
  ["nothing is asked where a cheaper term decides", terms("team:ops", "user:bob"), known(), "yes"],
  ["a role is asked before a team", terms("team:ops", "role:admin"), known(), "ask permission"],
  ["then the team", terms("team:ops", "role:admin"), known(role("read")), "ask team_member"],
  ["a team that cannot be looked up has nobody", terms("team:ops"), known(hidden("ops")), "no"],
  [
    "and keeps nobody else out",
    terms("team:ops", "role:read"),
    known(hidden("ops"), role("read")),
    "yes",
  ],
] as const)("%s", (_rule, list, facts, expected) => {
  expect(brief(matchesAny(BOB, list, facts))).toBe(expected);
});

test("what cannot be looked up says why", () => {
  expect(matchesAny(BOB, terms("team:ops"), known(hidden("ops")))).toEqual({
    kind: "no",
    unreadable: ["team ops cannot be looked up: no right to look"],
  });
});
