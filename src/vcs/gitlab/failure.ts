import { truncateMiddle } from "../../base/text.ts";
import type { VcsFailure } from "../../ports/vcs.ts";

const MESSAGE_CHARS_MAX = 500;
/** GitLab names the wait; without its word this is long enough for its limits by the minute. */
const LIMITED_MS = 60_000;
/** A clock that is far off, or a proxy that lies, must not close us for a day. */
const LIMITED_MS_MAX = 3_600_000;

/** With what GitLab answered, for those few places where the same failure means different things. */
export type GitlabFailure = VcsFailure & {
  readonly status?: number;
  readonly tooLarge?: true;
};

type Unavailable = Extract<VcsFailure, { readonly kind: "unavailable" }>;

/** What a failed call means for the caller. */
export function explain(route: string, { status, headers }: Response, text: string): GitlabFailure {
  const message = `GitLab answered ${status} to ${route}: ${said(text)}`;
  switch (status) {
    case 401:
    case 403:
      return { kind: "forbidden", message, status };
    // Moved to another path; nothing of ours is there any more.
    case 301:
    case 302:
    case 307:
    case 308:
    case 404:
    case 410:
      return { kind: "not_found", message, status };
    case 429:
      return { ...unavailable(message), retryAfterMs: waitOf(headers), waitsForAll: true, status };
    case 408:
      return { ...unavailable(message), status };
    default:
      if (status >= 500) return { ...unavailable(message), status };
      return { kind: "rejected", message, status };
  }
}

function waitOf(headers: Headers): number {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  if (!Number.isFinite(seconds) || seconds <= 0) return LIMITED_MS;
  return Math.min(seconds * 1_000, LIMITED_MS_MAX);
}

/** `{"message": {"base": ["…"]}}`, `{"message": "…"}`, `{"error": "…"}`, or a page of a proxy. */
function said(text: string): string {
  let words: readonly string[];
  try {
    words = wordsOf(JSON.parse(text) as unknown);
  } catch {
    words = [text.trimStart().startsWith("<") ? "a page instead of an answer" : text];
  }
  return truncateMiddle(words.join("; ").replaceAll(/\s+/g, " ").trim(), MESSAGE_CHARS_MAX);
}

function wordsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(wordsOf);
}

export function unavailable(message: string): Unavailable {
  return { kind: "unavailable", message, retryAfterMs: undefined };
}

export function unreadable(route: string, why: string): Unavailable {
  return unavailable(`GitLab gave an answer to ${route} that Terrane cannot read (${why}).`);
}
