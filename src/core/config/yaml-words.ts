import type { YAMLParseError } from "yaml";
import { echo } from "../../base/echo.ts";
import { missingBlank } from "./missing-blank.ts";
import type { Problem } from "./yaml-problem.ts";
import {
  contentOf,
  lineEndOf,
  lineStartOf,
  openBracket,
  quoteEndingAt,
  restOfLine,
  type YamlSource,
} from "./yaml-source.ts";

interface Words {
  readonly message: string;
  /** Where it stands, if that is not where the parser noticed it. */
  readonly offset?: number;
  readonly suggestion?: string;
  /** What comes after it was read as something else, so that it says nothing. */
  readonly last?: true;
}

type Say = (source: YamlSource, at: number) => Words;

/** How an error of the parser is known: by its code, and where one has several meanings by its text. */
type Rule = readonly [code: YAMLParseError["code"], words: RegExp, say: Say];

const ANY = /^/;
const plain =
  (message: string): Say =>
  () => ({ message });

const RULES: readonly Rule[] = [
  ["MISSING_CHAR", /closing/, unclosedQuote],
  ["MISSING_CHAR", /end with a/, unclosedBracket],
  ["BAD_INDENT", /end with a/, unclosedBracket],
  ["MISSING_CHAR", /followed by map values/, keyWithoutColon],
  [
    "MISSING_CHAR",
    /- indicator/,
    plain("each entry of a list begins with `- `, and this has none"),
  ],
  ["MISSING_CHAR", /space after/, plain("a blank is missing after the colon")],
  [
    "MISSING_CHAR",
    /Missing ,/,
    plain("a comma is missing before this: it separates what is in brackets"),
  ],
  ["MISSING_CHAR", /Comments/, plain("a blank is missing before `#`; with one a comment begins")],
  [
    "MISSING_CHAR",
    /Tags and anchors/,
    plain("a blank is missing between a name with `&` or `!` and its value"),
  ],
  ["MISSING_CHAR", /irectives/, directive],
  ["BAD_DIRECTIVE", ANY, directive],
  [
    "BAD_INDENT",
    /Block scalar/,
    plain(
      "the lines of a text below `|` or `>` are indented deeper than its key, the first as deep as the others",
    ),
  ],
  ["BAD_INDENT", ANY, badIndent],
  ["TAB_AS_INDENT", ANY, plain("a tab cannot indent a line; write blanks")],
  ["BAD_SCALAR_START", ANY, hasToBeQuoted],
  [
    "BLOCK_IN_FLOW",
    ANY,
    plain(
      "in brackets the entries are separated by commas, on one line or several; neither `- ` nor indentation separates them",
    ),
  ],
  ["MULTILINE_IMPLICIT_KEY", ANY, keyOverLines],
  ["KEY_OVER_1024_CHARS", ANY, plain("a key is at most 1,024 characters long")],
  [
    "BLOCK_AS_IMPLICIT_KEY",
    /sequence/,
    plain("a list cannot be a key; is the line above it indented too deeply?"),
  ],
  ["BLOCK_AS_IMPLICIT_KEY", ANY, secondColon],
  [
    "UNEXPECTED_TOKEN",
    /^Unexpected ,|empty item/,
    plain("this comma has nothing before it; remove it"),
  ],
  [
    "UNEXPECTED_TOKEN",
    /block-seq-ind/,
    plain(
      "a list with `- ` begins on the line below its key; on the line of the key it is written `[…]`",
    ),
  ],
  [
    "UNEXPECTED_TOKEN",
    /[Bb]lock scalar header/,
    plain("after `|` or `>` the text begins on the next line"),
  ],
  ["UNEXPECTED_TOKEN", /at node end/, afterValue],
  ["UNEXPECTED_TOKEN", /flow-(?:map|seq)-end/, closesNothing],
  ["BAD_DQ_ESCAPE", ANY, badEscape],
  [
    "MULTIPLE_ANCHORS",
    ANY,
    plain("a value has one name with `&` at most; a text that begins with `&` has to be quoted"),
  ],
  [
    "MULTIPLE_TAGS",
    ANY,
    plain("a value has one type with `!` at most; a text that begins with `!` has to be quoted"),
  ],
  [
    "BAD_ALIAS",
    ANY,
    plain("a name is missing here; a text that begins with `*` or `&` has to be quoted"),
  ],
  [
    "ALIAS_PROPS",
    ANY,
    plain("what is taken from elsewhere with `*` has no name with `&` and no type with `!`"),
  ],
  [
    "BAD_PROP_ORDER",
    ANY,
    plain("a name with `&` or a type with `!` stands after `- `, `?` or `:`"),
  ],
  [
    "TAG_RESOLVE_FAILED",
    ANY,
    plain("this value is not of the type that is written with `!!` before it"),
  ],
  [
    "BAD_COLLECTION_TYPE",
    ANY,
    plain("this value is not of the type that is written with `!!` before it"),
  ],
];

const UNKNOWN: Words = {
  message: "this cannot be read as YAML; check colons, quotes, brackets and indentation around it",
};

/**
 * What the parser refused, in our own words: one problem for each line, because what follows on a
 * line is mostly a consequence.
 */
export function syntaxProblems(
  errors: readonly YAMLParseError[],
  source: YamlSource,
  most: number,
): readonly Problem[] {
  const lines = new Map<number, Problem>();
  // A hostile line has thousands of errors, and each would read the whole line again.
  let readUntil = -1;
  for (const error of errors.toSorted(byPlace)) {
    if (error.pos[0] <= readUntil) continue;
    readUntil = lineEndOf(source.text, error.pos[0]);
    // What is left over after the end of the document is a consequence.
    if (lines.size > 0 && /in YAML (?:stream|document)/.test(error.message)) continue;
    const words = wordsOf(error, source);
    const offset = Math.min(words.offset ?? error.pos[0], source.text.length);
    const line = lineStartOf(source.text, offset);
    if (lines.has(line)) continue;
    const { message, suggestion } = words;
    lines.set(line, {
      code: "yaml_syntax",
      message,
      offset,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
    if (words.last === true || lines.size === most) break;
  }
  return [...lines.values()];
}

/** Of several at one place these know more than the others, in this order. */
const TELLING: readonly string[] = ["MULTILINE_IMPLICIT_KEY", "BLOCK_IN_FLOW"];

function byPlace(a: YAMLParseError, b: YAMLParseError): number {
  return a.pos[0] - b.pos[0] || TELLING.indexOf(b.code) - TELLING.indexOf(a.code);
}

function wordsOf(error: YAMLParseError, source: YamlSource): Words {
  const [at] = error.pos;
  const glob = globKey(source.text, at);
  if (glob !== undefined) return glob;
  const rule = RULES.find(([code, words]) => code === error.code && words.test(error.message));
  return rule === undefined ? UNKNOWN : rule[2](source, at);
}

const GLOB_KEY = /(?:^\s*(?:-\s+)*|[{,]\s*)(\*[^\s,[\]{}]*):(?=\s|$)/;

/** `**` + `/x: {}` is read as an alias, and what is after it as a mistake, or the lines below it. */
function globKey(text: string, at: number): Words | undefined {
  const start = lineStartOf(text, at);
  const above = start === 0 ? 0 : contentOf(text, start - 1);
  for (const begin of at <= contentOf(text, at) ? [start, lineStartOf(text, above)] : [start]) {
    const line = text.slice(begin, lineEndOf(text, begin));
    const found = GLOB_KEY.exec(line);
    if (found?.[1] === undefined) continue;
    const offset = begin + found.index + found[0].indexOf("*");
    if (offset <= at) return { ...quotedAlias(found[1], "key"), offset };
  }
  return undefined;
}

/** What is said of `*.tf`, which YAML reads as the name of a value elsewhere. */
export function quotedAlias(
  text: string,
  what: "key" | "text",
): { readonly message: string; readonly suggestion: string } {
  return {
    message: `a ${what} that begins with \`*\` has to be quoted: \`${echo(JSON.stringify(text))}\``,
    suggestion: JSON.stringify(text),
  };
}

function unclosedQuote(source: YamlSource, at: number): Words {
  const offset = quoteEndingAt(source, at) ?? at;
  const quote = source.text[offset] === "'" ? "'" : '"';
  const message = `the quote that begins here is never closed; write \`${quote}\` at the end of its text`;
  return { message, offset, last: true };
}

function unclosedBracket(source: YamlSource, at: number): Words {
  const offset = openBracket(source, at) ?? at;
  const close = source.text[offset] === "[" ? "]" : "}";
  const message = `this bracket is not closed; write \`${close}\` after its last entry, and indent each line up to it deeper than its key`;
  return { message, offset, last: true };
}

function keyWithoutColon({ text }: YamlSource, at: number): Words {
  const rest = restOfLine(text, at);
  const lacks = missingBlank(rest);
  if (lacks !== undefined) return lacks;
  return {
    message: `\`${echo(rest)}\` stands where a key is expected, and has no colon after it`,
    ...(/^[\w.-]+$/.test(rest) ? { suggestion: `${rest}:` } : {}),
  };
}

function keyOverLines({ text }: YamlSource, at: number): Words {
  const rest = restOfLine(text, at);
  const message = `\`${echo(rest)}\` is followed by a line with a key of its own: either a colon is missing after it, or the line below is indented too deeply`;
  return contentOf(text, at) === at && /^[\w.-]+$/.test(rest)
    ? { message, suggestion: `${rest}:` }
    : { message };
}

function badIndent({ text }: YamlSource, at: number): Words {
  const message =
    "this line is indented otherwise than the entries beside it; the entries of one mapping or list begin in the same column";
  return { message, offset: Math.min(contentOf(text, at), lineEndOf(text, at)) };
}

function directive({ text }: YamlSource): Words {
  const offset = /^%/m.exec(text)?.index ?? 0;
  return { message: "a line cannot begin with `%`; quote the text, or remove the line", offset };
}

function hasToBeQuoted({ text }: YamlSource, at: number): Words {
  const rest = restOfLine(text, at);
  const value = /^[^\s,[\]{}:]+/.exec(rest)?.[0] ?? rest;
  const sign = text[at] === "`" ? "a backquote" : `\`${echo(text[at] ?? "")}\``;
  const message = `a text that begins with ${sign} has to be quoted`;
  return { message, ...(value === rest ? { suggestion: JSON.stringify(value) } : {}) };
}

function secondColon({ text }: YamlSource, at: number): Words {
  const rest = restOfLine(text, at);
  const message =
    "a second key on one line; quote the text if the colon is part of it, or write the key on a line of its own";
  return /^["'[{&*!]/.test(rest) ? { message } : { message, suggestion: JSON.stringify(rest) };
}

function afterValue({ text }: YamlSource, at: number): Words {
  const rest = restOfLine(text, at);
  return {
    message: `\`${echo(rest)}\` stands after the end of a value; is a quote, a comma or a colon missing before it?`,
  };
}

function closesNothing({ text }: YamlSource, at: number): Words {
  return { message: `this \`${echo(text[at] ?? "")}\` closes nothing; remove it` };
}

function badEscape({ text }: YamlSource, at: number): Words {
  const sign = text.slice(at, at + 2);
  return {
    message: `\`${echo(sign)}\` stands for nothing in double quotes; write \`\\\\\` for a backslash, or single quotes around the text`,
  };
}
