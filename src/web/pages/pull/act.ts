import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import type { BodyOf } from "../../../contract/api.ts";
import type { PullRequestDetail } from "../../../contract/views.ts";
import { ask } from "../../data/ask.ts";
import { pullRequestQuery } from "../../data/queries.ts";
import { useSay } from "../../parts/announcer.tsx";

/** What a person can do to a pull request. */
export type Action =
  | { readonly name: "comment"; readonly body: BodyOf<"comment"> }
  | { readonly name: "review"; readonly body: BodyOf<"review"> }
  | { readonly name: "merge"; readonly body: BodyOf<"merge"> }
  | { readonly name: "setState"; readonly body: BodyOf<"setState"> }
  | { readonly name: "command"; readonly body: BodyOf<"command"> };

export interface Acting {
  readonly act: (action: Action, said: string) => Promise<boolean>;
  readonly pending: boolean;
  readonly error: Error | null;
  /** Takes the error from the page. */
  readonly forget: () => void;
}

/** Does it, says so, and fetches the page again; the answer to a command follows as a notice. */
export function useAct(pull: PullRequestDetail, as: string | undefined): Acting {
  const say = useSay();
  const client = useQueryClient();
  const { repositoryId, number } = pull;
  const mutation = useMutation({
    mutationFn: async ({ action }: { action: Action; said: string }) => {
      const body = as === undefined ? action.body : { ...action.body, as };
      await ask(action.name, { repository: repositoryId, number }, body);
    },
    onSuccess: async (_done, { said }) => {
      say(said);
      await client.invalidateQueries({ queryKey: pullRequestQuery(repositoryId, number).queryKey });
    },
  });
  const { mutateAsync } = mutation;
  const act = useCallback(
    async (action: Action, said: string) => {
      try {
        await mutateAsync({ action, said });
        return true;
      } catch {
        // The mutation keeps the error, and the page shows it.
        return false;
      }
    },
    [mutateAsync],
  );
  return { act, pending: mutation.isPending, error: mutation.error, forget: mutation.reset };
}
