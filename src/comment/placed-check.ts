import type { StatusWord } from "../core/showing.ts";
import { begun, type CheckText, renderChecks } from "./checks.ts";
import { renderDirspaceChecks } from "./dirspace-checks.ts";
import type { Flavour } from "./flavour.ts";
import type { CommentView } from "./view.ts";

export type ShownPhase = "plan" | "apply";

/** A check, what it is about, and as which of the two kinds a forge keeps it. */
export interface PlacedCheck {
  readonly text: CheckText;
  readonly phase: ShownPhase;
  /** A commit status, the older kind: a name, a state and a title. Absent: a check. */
  readonly isStatus?: true;
  /** Something of what it is about is applied, or is asked to be. */
  readonly hasBegun?: true;
}

/**
 * | configured | checks | statuses |
 * |---|---|---|
 * | nothing | one for each phase | – |
 * | `dirspace_checks` | and two for each dirspace | – |
 * | `statuses` | one for each phase | one for each phase |
 * | both | one for each phase | one for each phase, two for each dirspace |
 *
 * A forge with one kind only has the statuses among its checks, where their names are others.
 *
 * Where there are more dirspaces than configured, there is none for any of them: some would hide the others.
 */
export function renderPlacedChecks(view: CommentView, flavour: Flavour): readonly PlacedCheck[] {
  const { dirspaceChecksMax = 0, statuses: word } = view.showing ?? {};
  const [plan, apply] = renderChecks(view, flavour);
  const two: readonly PlacedCheck[] = [
    { phase: "plan", text: plan },
    { phase: "apply", text: apply, ...begun(view.dirspaces) },
  ];
  const isFew = view.dirspaces.length <= dirspaceChecksMax;
  const each = isFew ? renderDirspaceChecks(view, flavour) : [];
  if (word === undefined) return [...two, ...each];
  const older = asStatuses([...two, ...each], word, flavour);
  return older.length === 0 ? [...two, ...each] : [...two, ...older];
}

/** The same once more as the older kind; none where a forge has one kind, and the names would be the same. */
export function asStatuses(
  checks: readonly PlacedCheck[],
  word: StatusWord,
  { hasStatuses }: Pick<Flavour, "hasStatuses">,
): readonly PlacedCheck[] {
  const older = checks.map((check) => asStatus(check, word));
  if (hasStatuses === true) return older;
  return word === "terrane" ? [] : older.map(({ isStatus: _isStatus, ...check }) => check);
}

/** It has no text of its own. */
function asStatus({ text, ...rest }: PlacedCheck, word: StatusWord): PlacedCheck {
  const { status, conclusion, title } = text;
  const name = `${word}${text.name.slice("terrane".length)}`;
  const own = { name, status, conclusion, title, summary: "", buttons: [] };
  return { ...rest, isStatus: true, text: own };
}

/**
 * Whether a check is made that is not there yet. One that is there is kept up to date and comes to its end, whatever is
 * configured since.
 *
 * | of an apply that has not begun | made from the plan on | made late | late, and on no-op |
 * |---|---|---|---|
 * | still open | yes | no | no |
 * | nothing to apply | yes | no | yes |
 * | cancelled: there was none | yes | no | no |
 * | nothing can be planned or applied | yes | yes | yes |
 */
export function isMade(
  { phase, text, hasBegun }: Pick<PlacedCheck, "phase" | "text" | "hasBegun">,
  { showing }: Pick<CommentView, "showing">,
): boolean {
  const late = showing?.lateApplyChecks;
  if (phase === "plan" || hasBegun === true || late === undefined) return true;
  switch (text.conclusion) {
    case undefined:
    case "cancelled":
      return false;
    case "neutral":
      return late.onNoop;
    default:
      return true;
  }
}
