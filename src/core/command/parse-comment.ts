import { nearestTypo } from "../../base/nearest.ts";
import { truncateEnd } from "../../base/text.ts";
import { unreachable } from "../../base/unreachable.ts";
import { parseQuery } from "../query/parser.ts";
import type { Command, ParsedComment, Refusal } from "./command.ts";
import { translate } from "./foreign.ts";
import { VERBS, verbOf } from "./verb.ts";

/** Our name and its equal alias: whoever writes it speaks to us. */
const OWN_NAMES: ReadonlySet<string> = new Set(["terrane", "terrateam"]);
/** Names of the tools: people also write about them, so they count only before a verb we know. */
const ENGINE_NAMES: ReadonlySet<string> = new Set(["terraform", "tofu"]);

/** The line as shown again, and parts of it inside a reason. */
export const COMMAND_TEXT_CHARS_MAX = 500;
const WORD_CHARS_MAX = 60;
const TARGET_CHARS_MAX = 300;
/** A message about a query can quote a word of it. */
const MESSAGE_CHARS_MAX = 1_000;
const UNLOCK_TARGETS_MAX = 100;
const FORCE_WHY_CHARS_MIN = 10;
const FORCE_WHY_CHARS_MAX = 400;
const FEEDBACK_CHARS_MAX = 2_000;
const GATE_TOKENS_MAX = 50;
const GATE_TOKEN_CHARS_MAX = 100;
/** Pull request numbers are 32 bits in the store. */
const NUMBER_MAX = 2 ** 31 - 1;
const TARGET = /^[#!]?([1-9][0-9]{0,9})$/;

/**
 * Reads a comment. Only its first line counts, so that `terrane plan⏎thanks!` plans; backticks
 * around it are what a copy button leaves. Words are separated by any blank, verbs have no case. `foreign` is one more
 * first word that counts: what follows it is in the words of another tool.
 */
export function parseComment(body: string, foreign?: string): ParsedComment {
  const line = firstLine(body);
  const [name, afterName] = splitWord(line);
  const [word, rest] = splitWord(afterName);
  const isForeign = foreign !== undefined && name.toLowerCase() === foreign;
  const isOwn = OWN_NAMES.has(name.toLowerCase());
  if (!isForeign && !isOwn && !ENGINE_NAMES.has(name.toLowerCase()))
    return { kind: "not_a_command" };
  // The bare name says nothing that could be refused.
  if (word === "") return { kind: "not_a_command" };

  const text = truncateEnd(line, COMMAND_TEXT_CHARS_MAX);
  if (!isForeign) return parseVerb({ word, rest, text, isOwn });
  const translated = translate(word, rest);
  if (translated.kind === "line") {
    const { verb, rest: query } = translated;
    return parseVerb({ word: verb, rest: query, text, isOwn: true });
  }
  return refused(text, {
    code: "foreign_command",
    why: translated.why,
    word: truncateEnd(translated.word, WORD_CHARS_MAX),
    command: truncateEnd(translated.command, TARGET_CHARS_MAX),
  });
}

/** Lower case; empty where there is none. */
export function firstWordOf(body: string): string {
  return splitWord(firstLine(body))[0].toLowerCase();
}

function parseVerb(said: {
  readonly word: string;
  readonly rest: string;
  readonly text: string;
  readonly isOwn: boolean;
}): ParsedComment {
  const { word, rest, text, isOwn } = said;
  const lower = word.toLowerCase();
  const verb = verbOf(lower);
  if (verb !== undefined && (isOwn || verb.ownNameOnly !== true)) {
    return parseArguments(verb.kind, rest, text);
  }
  if (!isOwn) return { kind: "not_a_command" };
  const kinds = VERBS.map(({ kind }) => kind);
  return refused(text, {
    code: "unknown_command",
    word: truncateEnd(word, WORD_CHARS_MAX),
    nearest: nearestTypo(lower, kinds),
  });
}

function parseArguments(verb: Command["kind"], rest: string, text: string): ParsedComment {
  switch (verb) {
    case "plan":
    case "apply":
    case "apply-force":
    case "apply-autoapprove":
      return parseQueryCommand(verb, rest, text);
    case "unlock":
      return parseUnlock(rest, text);
    case "force-unlock":
      return parseForceUnlock(rest, text);
    case "gate":
      return parseGate(rest, text);
    case "why":
      return parseWhy(rest, text);
    case "feedback":
      return parseFeedback(rest, text);
    case "cancel":
    case "repo-config":
    case "index":
    case "help":
      return { kind: "command", command: { kind: verb }, text, warnings: [] };
    default:
      return unreachable(verb);
  }
}

/** More than one word is somebody who asks in a sentence: the answer is about everything. */
function parseWhy(rest: string, text: string): ParsedComment {
  const [target, ...more] = words(rest);
  const meant = target === undefined || more.length > 0 ? {} : { target: clean(target) };
  return { kind: "command", command: { kind: "why", ...meant }, text, warnings: [] };
}

/** `./net/` is `net`, and quotes are what a shell would have taken away. */
function clean(target: string): string {
  const bare = truncateEnd(target, TARGET_CHARS_MAX).replaceAll(/["'`]/g, "");
  const inner = bare.startsWith("./") ? bare.slice(2) : bare;
  return inner.length > 1 && inner.endsWith("/") ? inner.slice(0, -1) : inner;
}

function parseQueryCommand(
  kind: "plan" | "apply" | "apply-force" | "apply-autoapprove",
  rest: string,
  text: string,
): ParsedComment {
  if (rest === "") return { kind: "command", command: { kind }, text, warnings: [] };
  const parsed = parseQuery(rest);
  switch (parsed.kind) {
    case "ok": {
      const { query, warnings } = parsed;
      return { kind: "command", command: { kind, query }, text, warnings };
    }
    case "error":
      return refused(text, {
        code: "bad_query",
        query: truncateEnd(rest, COMMAND_TEXT_CHARS_MAX),
        message: truncateEnd(parsed.message, MESSAGE_CHARS_MAX),
        offset: parsed.offset,
      });
    default:
      return unreachable(parsed);
  }
}

function parseUnlock(rest: string, text: string): ParsedComment {
  const targets = new Set<number>();
  let blocking = false;
  let drift = false;
  for (const word of words(rest)) {
    const lower = word.toLowerCase();
    if (lower === "--blocking") blocking = true;
    else if (lower === "drift") drift = true;
    else {
      const target = numberOf(word);
      if (target === undefined || targets.size === UNLOCK_TARGETS_MAX) {
        return refused(text, { code: "unlock_unknown", what: truncateEnd(word, WORD_CHARS_MAX) });
      }
      targets.add(target);
    }
  }
  const command = { kind: "unlock", targets: [...targets], blocking, drift } as const;
  return { kind: "command", command, text, warnings: [] };
}

function parseGate(rest: string, text: string): ParsedComment {
  const [verb = "", ...tokens] = words(rest);
  const isUsable = tokens.every((token) => token.length <= GATE_TOKEN_CHARS_MAX);
  const isRead = verb.toLowerCase() === "approve" && tokens.length > 0 && isUsable;
  if (!isRead || tokens.length > GATE_TOKENS_MAX) return refused(text, { code: "gate_usage" });
  const command = { kind: "gate", tokens: [...new Set(tokens)] } as const;
  return { kind: "command", command, text, warnings: [] };
}

function parseFeedback(rest: string, text: string): ParsedComment {
  if (rest === "") return refused(text, { code: "feedback_usage" });
  const command = { kind: "feedback", message: truncateEnd(rest, FEEDBACK_CHARS_MAX) } as const;
  return { kind: "command", command, text, warnings: [] };
}

/** What it is about is typed out as a confirmation; a word or two is no reason. */
function parseForceUnlock(rest: string, text: string): ParsedComment {
  const [word, after] = splitWord(rest);
  const why = truncateEnd(after, FORCE_WHY_CHARS_MAX);
  if (why.length < FORCE_WHY_CHARS_MIN) {
    return refused(text, { code: "force_unlock_usage", what: clean(word) });
  }
  const number = numberOf(word);
  const target =
    number === undefined
      ? ({ kind: "dirspace", text: clean(word) } as const)
      : ({ kind: "number", number } as const);
  return { kind: "command", command: { kind: "force-unlock", target, why }, text, warnings: [] };
}

function numberOf(word: string): number | undefined {
  const number = Number(TARGET.exec(word)?.[1] ?? Number.NaN);
  return number <= NUMBER_MAX ? number : undefined;
}

function refused(text: string, reason: Refusal): ParsedComment {
  return { kind: "refused", reason, text };
}

/** The first line with something in it, without the blanks and backticks around it. */
function firstLine(body: string): string {
  const inner = stripEnds(body);
  const end = inner.search(/[\n\r\u2028\u2029]/);
  return stripEnds(end === -1 ? inner : inner.slice(0, end));
}

const BLANK = /^[\s`]$/;

/** Walks from both ends: a pattern like `[\s]+$` would be quadratic in a comment full of blanks. */
function stripEnds(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && BLANK.test(text.charAt(from))) from += 1;
  while (to > from && BLANK.test(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

function splitWord(text: string): readonly [word: string, rest: string] {
  const end = text.search(/\s/);
  return end === -1 ? [text, ""] : [text.slice(0, end), text.slice(end).trim()];
}

function words(text: string): readonly string[] {
  return text === "" ? [] : text.split(/\s+/);
}
