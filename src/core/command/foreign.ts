import { formatNode } from "../query/format.ts";
import type { Node } from "../query/query.ts";
import { shellWords } from "./shell-words.ts";

/** Why a comment in the words of another tool has no line of ours. */
export type Untranslated =
  | "flag"
  | "argument"
  | "extra_arguments"
  | "value"
  | "project_and_place"
  | "merging"
  | "policies"
  | "state"
  | "version"
  | "quotes";

export type Translated =
  /** The verb and what is behind it, as behind our own name. */
  | { readonly kind: "line"; readonly verb: string; readonly rest: string }
  /** `word` is what stands in the way; `command` the line of ours that comes closest. */
  | {
      readonly kind: "untranslated";
      readonly why: Untranslated;
      readonly word: string;
      readonly command: string;
    };

/**
 * Comments of another tool, in ours: `plan -d DIR -w WORKSPACE`, `apply -p PROJECT`. A project is what the configuration
 * calls so, by a tag or by a stack. What has no equal is refused rather than left out: an apply that means more or less
 * than was typed is worse than none.
 */
export function translate(verb: string, rest: string): Translated {
  const words = shellWords(rest);
  const lower = verb.toLowerCase();
  if (words === undefined) return untranslated("quotes", rest, lower);
  switch (lower) {
    case "plan":
    case "apply":
      return selection(lower, words, rest);
    case "unlock":
    case "cancel":
    case "help": {
      const [first] = words;
      if (first === undefined || lower === "help") return { kind: "line", verb: lower, rest: "" };
      return untranslated(first.startsWith("-") ? "flag" : "argument", first, lower);
    }
    case "approve_policies":
      return untranslated("policies", verb, "gate approve <token>");
    case "import":
    case "state":
      return untranslated("state", verb, "plan");
    case "version":
      return untranslated("version", verb, "repo-config");
    default:
      // One of ours, or one that nobody knows: said in the words of both.
      return { kind: "line", verb, rest };
  }
}

function untranslated(why: Untranslated, word: string, command: string): Translated {
  return { kind: "untranslated", why, word, command };
}

const PLACES = {
  "-d": "dir",
  "--dir": "dir",
  "-w": "workspace",
  "--workspace": "workspace",
  "-p": "project",
  "--project": "project",
} as const;

type Place = (typeof PLACES)[keyof typeof PLACES];
type Chosen = { readonly [P in Place]?: string };

function selection(verb: "plan" | "apply", words: readonly string[], rest: string): Translated {
  let chosen: Chosen = {};
  // There it would be a mistake, so a query of ours is free to be meant.
  if (!words.some((word) => word.startsWith("-"))) return { kind: "line", verb, rest };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (word === "--verbose") continue;
    const closest = lineOf(verb, chosen);
    if (word === "--") return untranslated("extra_arguments", words.slice(at).join(" "), closest);
    if (word.startsWith("--auto-merge")) return untranslated("merging", word, closest);
    if (!word.startsWith("-")) return untranslated("argument", word, `${verb} dir:${word}`);
    const { flag, joined } = split(word);
    if (!Object.hasOwn(PLACES, flag)) return untranslated("flag", word, closest);
    const place = PLACES[flag as keyof typeof PLACES];
    if (joined === undefined) at += 1;
    const value = clean(place, joined ?? words[at] ?? "");
    if (value === "" || value.startsWith("-") || chosen[place] !== undefined) {
      return untranslated("value", word, closest);
    }
    chosen = { ...chosen, [place]: value };
  }
  const { project, dir, workspace } = chosen;
  if (project !== undefined && (dir ?? workspace) !== undefined) {
    return untranslated("project_and_place", `-p ${project}`, lineOf(verb, { project }));
  }
  return { kind: "line", verb, rest: queryOf(chosen) };
}

/** `-d=a`, `-da` and `--dir=a` as well. */
function split(word: string): { readonly flag: string; readonly joined: string | undefined } {
  const equals = word.indexOf("=");
  if (word.startsWith("--")) {
    return equals === -1
      ? { flag: word, joined: undefined }
      : { flag: word.slice(0, equals), joined: word.slice(equals + 1) };
  }
  if (word.length <= 2) return { flag: word, joined: undefined };
  return { flag: word.slice(0, 2), joined: word.slice(word[2] === "=" ? 3 : 2) };
}

/** `./net/` is `net`, and the root is `.`. */
function clean(place: Place, value: string): string {
  if (place !== "dir" || value === "") return value;
  const parts = value.split("/").filter((part) => part !== "" && part !== ".");
  return parts.length === 0 ? "." : parts.join("/");
}

function lineOf(verb: string, chosen: Chosen): string {
  return `${verb} ${queryOf(chosen)}`.trim();
}

function queryOf({ dir, workspace, project }: Chosen): string {
  const tag = (name: string): Node => ({ kind: "tag", tag: name });
  const named: readonly Node[] =
    project === undefined
      ? []
      : [{ kind: "or", operands: [tag(project), tag(`stack_name:${project}`)] }];
  const operands = [
    ...(dir === undefined ? [] : [tag(`dir:${dir}`)]),
    ...(workspace === undefined ? [] : [tag(`workspace:${workspace}`)]),
    ...named,
  ];
  const [first, ...more] = operands;
  if (first === undefined) return "";
  return formatNode(more.length === 0 ? first : { kind: "and", operands });
}
