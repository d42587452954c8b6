import type { Hook } from "../config/hook.ts";

/** An issue that a run's job left to be opened, as the job said it. */
export interface LeftIssue {
  readonly title: string;
  /** Markdown, masked by the runner. */
  readonly body: string;
  /** Two that tell the same have the same. */
  readonly dedupe: string;
  /** What it is about, in digits; an issue of an older runner is about what it tells. */
  readonly about: readonly string[];
}

/** An issue of ours that is open now. */
export interface OpenIssue {
  readonly number: number;
  readonly body: string | null | undefined;
}

type IssuePlace =
  | { readonly kind: "open" }
  | { readonly kind: "edit"; readonly number: number }
  /** It is open and tells the same already. */
  | { readonly kind: "stands"; readonly number: number };

const DEDUPE_DIGITS = 16;
const MARKER = /<!-- terrane:issue ([0-9a-f]{1,64}) ([0-9a-f,]+) -->\s*$/;
const HEXADECIMAL = /^[0-9a-f]{4,64}$/;

/** A job's word alone opens no issue: the configuration that its run began with has to ask for them. */
export function mayLeaveIssues(hooks: { readonly post: readonly Hook[] } | undefined): boolean {
  return hooks?.post.some(({ type }) => type === "drift_create_issue") ?? false;
}

/** The text with what it is found again by: the same after a crash, on every server and whatever people call the issue. */
export function markedBody({ body, dedupe, about }: LeftIssue): string {
  const subjects = about.filter((one) => HEXADECIMAL.test(one));
  return `${body}\n\n<!-- terrane:issue ${dedupe.slice(0, DEDUPE_DIGITS)} ${subjects.join(",")} -->`;
}

export interface PlacedIssue {
  readonly issue: LeftIssue;
  readonly place: IssuePlace;
}

/** Where each of these is told. An open issue takes one of them: what else it told of is left to the others. */
export function placesOf(
  issues: readonly LeftIssue[],
  open: readonly OpenIssue[],
): readonly PlacedIssue[] {
  const taken = new Set<number>();
  return issues.map((issue) => {
    const free = open.filter(({ number }) => !taken.has(number));
    const place = placeOf(issue, free);
    if (place.kind !== "open") taken.add(place.number);
    return { issue, place };
  });
}

/**
 * One issue for one dirspace: of those that are open, the oldest about any of the same tells this from here on. One that
 * nobody wrote a text for is about nothing.
 */
function placeOf(issue: LeftIssue, open: readonly OpenIssue[]): IssuePlace {
  const wanted = new Set(issue.about);
  const found = open
    .flatMap(({ number, body }) => {
      const [, told = "", subjects = ""] = MARKER.exec(body ?? "") ?? [];
      const isAbout = subjects.split(",").some((one) => one !== "" && wanted.has(one));
      return isAbout ? [{ number, told }] : [];
    })
    .sort((a, b) => a.number - b.number)[0];
  if (found === undefined) return { kind: "open" };
  const { number, told } = found;
  const stands = told === issue.dedupe.slice(0, DEDUPE_DIGITS);
  return stands ? { kind: "stands", number } : { kind: "edit", number };
}
