import { count, truncateEnd } from "../base/text.ts";
import { details } from "./details.ts";
import { deletedDirs, diagnostics } from "./diagnostics.ts";
import type { Flavour } from "./flavour.ts";
import { gates } from "./gates.ts";
import { headline } from "./headline.ts";
import { hooks } from "./hooks.ts";
import { next, waitsFor } from "./next.ts";
import { notice } from "./notice.ts";
import { dashboardLink, facts } from "./overview.ts";
import { shownConfig } from "./shown-config.ts";
import { table, unchangedList } from "./table.ts";
import type { CommentView } from "./view.ts";

/** Longer comments are slow to load, and a forge that takes 65,536 characters also counts our marker. */
export const COMMENT_CHARS_MAX = 55_000;

/**
 * The one comment of a pull request (P7). The same view gives the same text, and the text is never
 * longer than the forge takes: first the details shrink, then whole sections go, the least important first.
 */
export function renderSticky(view: CommentView, flavour: Flavour): string {
  const limit = Math.min(flavour.commentCharsMax, COMMENT_CHARS_MAX);
  const fixed = keepFitting(sections(view, flavour), limit);
  const room = limit - charsOf(fixed);
  // It was asked for, and the plans will be there again after the next command: it may take most of the room.
  const config = shownConfig(view.notice, Math.floor(room * CONFIG_SHARE), view.dashboardUrl);
  const left = room - config.reduce((sum, block) => sum + block.length + 2, 0);
  const { sections: shown, omitted } = details(view.dirspaces, left - MORE_CHARS_MAX);
  const more = omitted === 0 ? [] : [moreText(omitted, view.dashboardUrl)];
  const blocks = fixed.flatMap(({ place, blocks: own }) =>
    place === "details" ? [...config, ...shown, ...more] : own,
  );
  // Only a limit too small for the first line gets here.
  return truncateEnd(blocks.join("\n\n"), limit);
}

const MORE_CHARS_MAX = 700;
const CONFIG_SHARE = 0.7;

function moreText(omitted: number, url: string | undefined): string {
  const [link = "the dashboard"] = dashboardLink(url, "the dashboard");
  return `Details of ${count(omitted, "more dirspace")}: see ${link}.`;
}

interface Section {
  readonly place: "details" | "text";
  /** What goes first when there is no room; 0 stays. */
  readonly drop: number;
  readonly blocks: readonly string[];
}

function sections(view: CommentView, flavour: Flavour): readonly Section[] {
  const text = (drop: number, blocks: readonly string[]): Section => ({
    place: "text",
    drop,
    blocks,
  });
  return [
    text(0, [`### ${headline(view)}`]),
    text(3, facts(view)),
    text(4, diagnostics(view.diagnostics)),
    text(1, notice(view.notice, flavour)),
    text(6, deletedDirs(view.deletedDirs)),
    text(5, table(view, flavour)),
    text(2, gates(view)),
    text(7, unchangedList(view)),
    { place: "details", drop: 0, blocks: [] },
    text(9, hooks(view)),
    text(8, waitsFor(view)),
    text(2, next(view)),
  ];
}

function keepFitting(all: readonly Section[], limit: number): readonly Section[] {
  let kept = all;
  const order = all.filter(({ drop }) => drop > 0).toSorted((a, b) => b.drop - a.drop);
  for (const section of order) {
    if (charsOf(kept) <= limit) break;
    kept = kept.filter((other) => other !== section);
  }
  return kept;
}

function charsOf(kept: readonly Section[]): number {
  return kept.flatMap(({ blocks }) => blocks).reduce((sum, block) => sum + block.length + 2, 0);
}
