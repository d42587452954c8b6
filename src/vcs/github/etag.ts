/** One client has this many remembered answers; the least recently used goes first. */
const ENTRIES_MAX = 2_000;
/** Larger answers are immutable trees and files, which the engine keeps for ever by itself. */
const ANSWER_CHARS_MAX = 32 * 1024;

/** An answer as octokit gives it. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly data: unknown;
}

interface Remembered {
  readonly etag: string;
  readonly answer: Answered;
}

/**
 * Answers to remember by their ETag: asking again with it costs nothing of the hourly budget as long as
 * nothing changed. Per caller, since what one installation may see is nothing for another.
 */
export class EtagCache {
  readonly #entries = new Map<string, Remembered>();

  /** Undefined where remembering is no use. */
  key(
    who: string,
    route: string,
    parameters: Readonly<Record<string, unknown>>,
  ): string | undefined {
    if (!route.startsWith("GET ")) return undefined;
    // Raw media types and streams are read once, into other hands.
    if ("headers" in parameters || "request" in parameters) return undefined;
    return JSON.stringify([who, route, parameters]);
  }

  get(key: string): Remembered | undefined {
    const found = this.#entries.get(key);
    if (found === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, found);
    return found;
  }

  put(key: string, answer: Answered): void {
    const { etag, "content-length": length } = answer.headers;
    if (typeof etag !== "string" || Number(length ?? 0) > ANSWER_CHARS_MAX) return;
    if (length === undefined && JSON.stringify(answer.data, bigints).length > ANSWER_CHARS_MAX)
      return;
    this.#entries.delete(key);
    this.#entries.set(key, { etag, answer });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= ENTRIES_MAX) return;
      this.#entries.delete(oldest);
    }
  }
}

function bigints(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
