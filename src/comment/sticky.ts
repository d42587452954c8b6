import { truncateEnd } from "../base/text.ts";
import { details } from "./details.ts";
import { deletedDirs, diagnostics } from "./diagnostics.ts";
import type { Flavour } from "./flavour.ts";
import { gates } from "./gates.ts";
import { headline } from "./headline.ts";
import { hooks } from "./hooks.ts";
import { next, waitsFor } from "./next.ts";
import { notice } from "./notice.ts";
import { facts } from "./overview.ts";
import {
  COMMENT_CHARS_MAX,
  charsOf,
  DETAILS,
  keepFitting,
  OMITTED_CHARS_MAX,
  omittedText,
  type Section,
  text,
} from "./sections.ts";
import { shownConfig } from "./shown-config.ts";
import { table, unchangedList } from "./table.ts";
import type { CommentView } from "./view.ts";

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
  const { sections: shown, omitted } = details(view.dirspaces, left - OMITTED_CHARS_MAX);
  const more = omittedText(omitted, view.dashboardUrl);
  const blocks = fixed.flatMap(({ place, blocks: own }) =>
    place === "details" ? [...config, ...shown, ...more] : own,
  );
  // Only a limit too small for the first line gets here.
  return truncateEnd(blocks.join("\n\n"), limit);
}

const CONFIG_SHARE = 0.7;

function sections(view: CommentView, flavour: Flavour): readonly Section[] {
  return [
    text(0, [`### ${headline(view)}`]),
    text(3, facts(view)),
    text(4, diagnostics(view.diagnostics)),
    text(1, notice(view.notice, flavour)),
    text(6, deletedDirs(view.deletedDirs)),
    text(5, table(view, flavour)),
    text(2, gates(view)),
    text(7, unchangedList(view)),
    DETAILS,
    text(9, hooks(view)),
    text(8, waitsFor(view)),
    text(2, next(view)),
  ];
}
