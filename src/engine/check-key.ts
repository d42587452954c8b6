import type { PlacedCheck } from "../comment/placed-check.ts";
import { type CommitSha, parseCommitSha } from "../core/ids.ts";

/** Under which key it is kept that a check was written: `check:terrane plan:<commit>`. */
export function keyOf(
  { isStatus, text }: Pick<PlacedCheck, "isStatus" | "text">,
  commit: CommitSha,
): string {
  return `${isStatus === true ? "status" : "check"}:${text.name}:${commit}`;
}

const KEY = /^(check|status):(\S+ (plan|apply)(?:: .+)?):([0-9a-f]+)$/s;

export type WrittenCheck = Omit<PlacedCheck, "text"> & {
  readonly name: string;
  readonly commit: CommitSha;
};

/** What such a key is of; undefined for those of comments and of what newer servers write. */
export function placedBy(key: string): WrittenCheck | undefined {
  const [, kind, name, phase, sha] = KEY.exec(key) ?? [];
  const commit = sha === undefined ? undefined : parseCommitSha(sha);
  if (name === undefined || commit === undefined) return undefined;
  const what = { phase: phase === "plan" ? "plan" : "apply", name, commit } as const;
  return kind === "status" ? { ...what, isStatus: true } : what;
}
