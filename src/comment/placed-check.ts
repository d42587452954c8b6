import { type CheckText, renderChecks } from "./checks.ts";
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
    { phase: "apply", text: apply },
  ];
  const isFew = view.dirspaces.length <= dirspaceChecksMax;
  const each = isFew ? renderDirspaceChecks(view, flavour) : [];
  if (word === undefined) return [...two, ...each];
  const older = [...two, ...each].map((one) => asStatus(one, word));
  if (flavour.hasStatuses === true) return [...two, ...older];
  if (word === "terrane") return [...two, ...each];
  return [...two, ...older.map(({ phase, text }) => ({ phase, text }))];
}

/** The same as the older kind, which has no text of its own. */
export function asStatus({ phase, text }: PlacedCheck, word: string): PlacedCheck {
  const { status, conclusion, title } = text;
  const name = `${word}${text.name.slice("terrane".length)}`;
  const own = { name, status, conclusion, title, summary: "", buttons: [] };
  return { phase, isStatus: true, text: own };
}
