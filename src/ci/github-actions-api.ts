import type { VcsResult } from "../ports/vcs.ts";

/** What starting, watching and identifying jobs needs from the client that speaks with GitHub as our app. */
export interface ActionsApi {
  send(
    caller: { readonly installation: string },
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    /** An apply waits for it: it may use what is kept back of a limit. */
    weight?: "permits",
  ): Promise<VcsResult<{ readonly status: number; readonly data: unknown }>>;
}

/** By id: a name can be taken over by somebody else. */
export function repositoryPath(path: string): string {
  return `/repositories/{repository_id}${path}`;
}
