import { count } from "../base/text.ts";
import { dashboardLink } from "./overview.ts";

/** Longer comments are slow to load, and a forge that takes 65,536 characters also counts our marker. */
export const COMMENT_CHARS_MAX = 55_000;

/** A part of a comment, as its blocks. */
export interface Section {
  /** `details`: filled with what there is room for once all others are there. */
  readonly place: "details" | "text";
  /** What goes first when there is no room; 0 stays. */
  readonly drop: number;
  readonly blocks: readonly string[];
}

export const DETAILS: Section = { place: "details", drop: 0, blocks: [] };

export function text(drop: number, blocks: readonly string[]): Section {
  return { place: "text", drop, blocks };
}

/** Without whole sections, the least important first, until the rest has room. */
export function keepFitting(all: readonly Section[], limit: number): readonly Section[] {
  let kept = all;
  const order = all.filter(({ drop }) => drop > 0).toSorted((a, b) => b.drop - a.drop);
  for (const section of order) {
    if (charsOf(kept) <= limit) break;
    kept = kept.filter((other) => other !== section);
  }
  return kept;
}

export function charsOf(kept: readonly Section[]): number {
  return kept.flatMap(({ blocks }) => blocks).reduce((sum, block) => sum + block.length + 2, 0);
}

/** Room for what `omittedText` says. */
export const OMITTED_CHARS_MAX = 700;

export function omittedText(omitted: number, url: string | undefined): readonly string[] {
  if (omitted === 0) return [];
  const [link = "the dashboard"] = dashboardLink(url, "the dashboard");
  return [`Details of ${count(omitted, "more dirspace")}: see ${link}.`];
}
