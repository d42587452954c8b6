import type { Masker } from "../mask.ts";
import { delay } from "../process.ts";
import type { Stop } from "../stop.ts";

export interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Posted =
  | { readonly kind: "ok" }
  | { readonly kind: "failed"; readonly because: string };

const TIMEOUT_MS = 15_000;
const PAUSES_MS = [1_000, 3_000];
const ANSWER_CHARS_MAX = 300;

/** Sends a message, and again when the other side is busy or away. Never names the address: it may be a secret. */
export async function post(message: Message, masker: Masker, stop: Stop): Promise<Posted> {
  const url = addressOf(message.url);
  if (url === undefined) {
    return {
      kind: "failed",
      because: "The address is not one that starts with http:// or https://.",
    };
  }
  for (let tried = 0; ; tried += 1) {
    const answer = await once(url, message);
    if (answer.kind === "ok") return answer;
    const pause = PAUSES_MS[tried];
    if (!answer.again || pause === undefined || stop.reason !== undefined) {
      return { kind: "failed", because: masker.mask(answer.because) };
    }
    await delay(pause);
  }
}

type Answer =
  | { readonly kind: "ok" }
  | { readonly kind: "refused"; readonly because: string; readonly again: boolean };

async function once(url: URL, { headers, body }: Message): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers,
      body,
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (response.ok) return { kind: "ok" };
    const said = text.trim().slice(0, ANSWER_CHARS_MAX);
    const because = `It answered HTTP ${response.status}${said === "" ? "" : `: ${said}`}.`;
    const again = response.status === 429 || response.status >= 500;
    return { kind: "refused", because, again };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? cause.message : String(cause);
    return { kind: "refused", because: `It could not be reached: ${why}.`, again: true };
  }
}

function addressOf(text: string): URL | undefined {
  try {
    const url = new URL(text.trim());
    return url.protocol === "https:" || url.protocol === "http:" ? url : undefined;
  } catch {
    return undefined;
  }
}
