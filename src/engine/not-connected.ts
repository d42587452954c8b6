import type { VcsFailure } from "../ports/vcs.ts";

const AGAIN_MS = 60_000;

/**
 * Repositories outlive what they were connected by: an app can be removed and come back. Until then what is to be asked
 * or done there waits, and nothing of it is lost.
 */
export function notConnected(vcs: string): Extract<VcsFailure, { kind: "unavailable" }> {
  const message = `This server is not connected to ${vcs} now.`;
  return { kind: "unavailable", message, retryAfterMs: AGAIN_MS };
}
