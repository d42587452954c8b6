import type { VcsResult } from "../ports/vcs.ts";

/** A call below `/api/v4`. */
export interface GitlabRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What starting, watching and identifying jobs needs from the client that speaks with GitLab. */
export interface GitlabApi {
  send(
    caller: { readonly installation: string },
    request: GitlabRequest,
  ): Promise<VcsResult<unknown>>;
}

/** By id: a path can be taken over by somebody else. */
export function projectPath(id: string, path: string): string {
  return `/projects/${encodeURIComponent(id)}${path}`;
}
