/**
 * Paths of the runner's door, below the server's base URL. `claim` takes the CI identity token as bearer,
 * all others the credential that `claim` gave.
 *
 * | call | method, body → reply |
 * |---|---|
 * | claim | POST (no body) → ClaimReply; 409 when another job has claimed it (S26) |
 * | heartbeat | POST HeartbeatBody → HeartbeatReply; 410 when the run is over |
 * | index | POST IndexBody → IndexReply; the same index again is fine, another one is not |
 * | built | POST BuiltBody → IndexReply; as for an index |
 * | next | POST (no body) → NextReply; answered when there is something new, or after a while |
 * | output | POST OutputBody → OutputReply |
 * | plan | PUT sealed bytes (`application/octet-stream`) → 204; GET → sealed bytes |
 * | result | POST ResultBody → ResultReply; the same result again is fine (S28) |
 * | grant | POST GrantBody → GrantReply |
 * | finish | POST FinishBody → 204 |
 */
export const runnerPaths = {
  claim: (attempt: string) => `/api/v1/runner/attempts/${encodeURIComponent(attempt)}/claim`,
  heartbeat: (run: string) => `/api/v1/runner/runs/${encodeURIComponent(run)}/heartbeat`,
  index: (run: string) => `/api/v1/runner/runs/${encodeURIComponent(run)}/index`,
  built: (run: string) => `/api/v1/runner/runs/${encodeURIComponent(run)}/built`,
  next: (run: string) => `/api/v1/runner/runs/${encodeURIComponent(run)}/next`,
  output: (run: string) => `/api/v1/runner/runs/${encodeURIComponent(run)}/output`,
  /** `digest` is the SHA-256 of the unsealed plan file, lower-case hexadecimal. */
  plan: (run: string, digest: string) =>
    `/api/v1/runner/runs/${encodeURIComponent(run)}/plans/${digest}`,
  result: (run: string) => `/api/v1/runner/runs/${encodeURIComponent(run)}/results`,
  grant: (run: string) => `/api/v1/runner/runs/${encodeURIComponent(run)}/grants`,
  finish: (run: string) => `/api/v1/runner/runs/${encodeURIComponent(run)}/finish`,
} as const;

/** Audience that the CI identity token must carry: it is good for this server and this attempt only. */
export function claimAudience(serverUrl: string, attempt: string): string {
  return `${serverUrl.replace(/\/+$/, "")}/attempts/${attempt}`;
}
