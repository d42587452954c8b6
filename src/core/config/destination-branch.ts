import type { Reason } from "../reason.ts";
import type { DestinationBranch } from "./config.ts";

interface BranchesOfPullRequest {
  readonly headRef: string;
  readonly baseRef: string;
  readonly defaultBranch: string;
}

/**
 * Why pull requests between these branches are not worked on; undefined where they are. The first entry that
 * matches the base branch decides; without entries it is the default branch and nothing else.
 */
export function branchRefusal(
  entries: readonly DestinationBranch[],
  { headRef, baseRef, defaultBranch }: BranchesOfPullRequest,
): Extract<Reason, { code: "base_not_configured" | "source_not_configured" }> | undefined {
  if (entries.length === 0 && baseRef === defaultBranch) return undefined;
  const entry = entries[destinationOf(entries, baseRef)];
  if (entry === undefined) {
    const named = entries.map(({ branch }) => branch);
    const configured = named.length === 0 ? [defaultBranch] : named;
    return { code: "base_not_configured", base: baseRef, configured };
  }
  const { sourceBranches: sources } = entry;
  if (allowsSource(sources, headRef)) return undefined;
  return { code: "source_not_configured", base: baseRef, head: headRef, sources };
}

/** Which entry decides about pull requests into this branch; -1 for none. */
export function destinationOf(entries: readonly DestinationBranch[], baseRef: string): number {
  return entries.findIndex(({ branch }) => wildcardMatches(branch, baseRef));
}

function allowsSource(patterns: readonly string[], headRef: string): boolean {
  const negative = patterns.filter((pattern) => pattern.startsWith("!"));
  if (negative.some((pattern) => wildcardMatches(pattern.slice(1), headRef))) return false;
  // Only exceptions: everything else is meant.
  if (negative.length === patterns.length) return true;
  return patterns.some((pattern) => !pattern.startsWith("!") && wildcardMatches(pattern, headRef));
}

/** `*` is any run of characters, slashes included; case does not count. */
function wildcardMatches(pattern: string, branch: string): boolean {
  const pieces = pattern.toLowerCase().split("*");
  const text = branch.toLowerCase();
  const first = pieces[0] ?? "";
  if (pieces.length === 1) return text === first;
  const last = pieces.at(-1) ?? "";
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
