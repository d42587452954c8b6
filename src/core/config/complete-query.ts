import { assert } from "../../base/assert.ts";
import { parseQuery } from "../query/parser.ts";
import type { Query } from "../query/query.ts";
import type { DependsOn } from "./config.ts";
import { type Match, parseMatch } from "./match.ts";
import type { RawWhenModified } from "./schema/when-modified.ts";

/** The text was checked when the file was parsed. */
export function completeQuery(text: string): Query {
  const parsed = parseQuery(text);
  assert(parsed.kind === "ok", "config: a tag query that was accepted no longer parses");
  return parsed.query;
}

export function completeMatches(terms: readonly string[] | null | undefined): readonly Match[] {
  return (terms ?? []).map((term) => {
    const parsed = parseMatch(term);
    assert(parsed.kind === "ok", "config: a match that was accepted no longer parses");
    return parsed.match;
  });
}

/** `undefined` where nothing is said, `null` for the empty text, which switches it off. */
export function completeDependsOn(
  raw: RawWhenModified["depends_on"],
): DependsOn | null | undefined {
  if (raw === undefined || raw === null) return undefined;
  if (typeof raw !== "string") {
    return {
      query: completeQuery(raw.tag_query),
      pruneOnNoChange: raw.prune_on_no_change ?? false,
    };
  }
  if (raw.trim() === "") return null;
  return { query: completeQuery(raw), pruneOnNoChange: false };
}
