import type { RepositoryRecord, ViewStore } from "../../ports/view-store.ts";
import { notFound } from "../errors.ts";

const NUMBER_MAX = 2_147_483_647;

/** A pull request's number, or nothing that could be one. */
export function numberOf(text: string | undefined): number {
  const number = /^[1-9]\d{0,9}$/.test(text ?? "") ? Number(text) : 0;
  if (number < 1 || number > NUMBER_MAX) throw notFound("pull request");
  return number;
}

/** A count from 0 on; anything else is `otherwise`. */
export function countOf(text: string | undefined, otherwise: number): number {
  const count = /^\d{1,15}$/.test(text ?? "") ? Number(text) : otherwise;
  return Math.min(count, NUMBER_MAX);
}

/** PostgreSQL's text holds no NUL; no id of ours does either. */
export function idOf(text: string | undefined): string {
  return text === undefined || text.length > 2_048 || text.includes("\0") ? "" : text;
}

export async function repositoryOf(
  views: Pick<ViewStore, "repository">,
  id: string | undefined,
): Promise<RepositoryRecord> {
  const found = await views.repository(idOf(id));
  if (found === undefined) throw notFound("repository");
  return found;
}
