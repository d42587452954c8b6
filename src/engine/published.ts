import type { Instant } from "../base/brand.ts";
import type { CheckText } from "../comment/checks.ts";
import type { Flavour } from "../comment/flavour.ts";
import type { CommentView } from "../comment/view.ts";
import type { PullRequestId } from "../core/ids.ts";
import type { Publication, StoredPublication } from "../ports/engine-store.ts";
import type { Vcs } from "../ports/vcs.ts";
import type { EnginePorts } from "./ports.ts";

/**
 * Until the answer is stored nobody knows what is shown. Without this, an edit whose answer was lost would stay when
 * what is to be shown became again what it was before it (L40).
 */
export async function doubt(
  ports: EnginePorts,
  pullRequest: PullRequestId,
  key: string,
  known: Publication,
): Promise<void> {
  await keep(ports, pullRequest, key, { ...known, contentHash: "" });
}

export async function keep(
  ports: EnginePorts,
  pullRequest: PullRequestId,
  key: string,
  publication: Publication,
): Promise<void> {
  await ports.store.keepPublication(pullRequest, key, publication);
}

export function contentHash({ secrets }: EnginePorts, text: string): string {
  return Buffer.from(secrets.sha256(Buffer.from(text, "utf8"))).toString("hex");
}

export function flavourOf(vcs: Vcs): Flavour {
  const { commentCharsMax, numberSign, hasStatuses } = vcs;
  return { commentCharsMax, numberSign, ...(hasStatuses === true ? { hasStatuses } : {}) };
}

/** The time of rendering is no news: what is compared is rendered without it. */
export function timeless(shown: CommentView): CommentView {
  return { ...shown, generatedAt: 0 as Instant };
}

/** What nobody knows to be there is written without regard to when it may have been. */
export function written(known: StoredPublication | undefined): StoredPublication | undefined {
  return known === undefined || known.contentHash === "" ? undefined : known;
}

/** Where it is written; only what nobody has begun to write need not be looked for. */
export function placeOf(
  known: Publication | undefined,
  rememberedSince: Instant,
): {
  readonly externalId: string | undefined;
  readonly firstSince?: Instant;
} {
  if (known === undefined) return { externalId: undefined, firstSince: rememberedSince };
  return { externalId: known.externalId === "" ? undefined : known.externalId };
}

/** What a check said last; undefined where nobody can tell. */
export function writtenText(
  known: Pick<Publication, "content"> | undefined,
): CheckText | undefined {
  try {
    return known === undefined ? undefined : (JSON.parse(known.content) as CheckText);
  } catch {
    return undefined;
  }
}
