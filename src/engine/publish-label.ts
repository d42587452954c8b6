import { labelOf } from "../comment/label.ts";
import type { CommentView } from "../comment/view.ts";
import type { PendingEffect } from "../ports/engine-store.ts";
import type { Vcs, VcsFailure } from "../ports/vcs.ts";
import type { EnginePorts } from "./ports.ts";
import { contentHash, doubt, keep } from "./published.ts";

const KEY = "label";
const BETWEEN = "\n";

/**
 * Says by a label how the pull request stands, where that is configured. What it keeps is every label of ours that may be
 * there: until an answer is stored that is the old one and the new one.
 */
export async function publishLabel(
  shown: CommentView,
  { pullRequest: { id, number, repository } }: PendingEffect,
  vcs: Vcs,
  ports: EnginePorts,
): Promise<VcsFailure | undefined> {
  if (shown.showing?.labels !== true || vcs.putLabel === undefined) return undefined;
  const name = labelOf(shown);
  if (name === undefined) return undefined;
  const known = await ports.store.publication(id, KEY);
  const hash = contentHash(ports, name);
  if (known?.contentHash === hash) return undefined;
  const before = known?.content.split(BETWEEN) ?? [];
  const instead = before.filter((label) => label !== name);
  const own = { externalId: "", open: false };
  const both = [...instead, name].join(BETWEEN);
  await doubt(ports, id, KEY, { ...own, contentHash: "", content: both });
  const put = await vcs.putLabel(repository.ref, number, { name, instead });
  if (put.kind !== "ok") return put;
  await keep(ports, id, KEY, { ...own, contentHash: hash, content: name });
  return undefined;
}
