import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactElement, useEffect, useRef } from "react";
import { ask } from "../../data/ask.ts";
import { ErrorNote } from "../../parts/error-note.tsx";
import { Page } from "../../parts/page.tsx";
import { Skeleton } from "../../parts/skeleton.tsx";

/** Where the forge sends the browser back to, with a code for the app that it made. */
export function ConnectedPage(): ReactElement {
  const { code, state } = useSearch({ from: "/apps/connected" });
  const navigate = useNavigate();
  const client = useQueryClient();
  const asked = useRef(false);
  const complete = useMutation({
    mutationFn: (came: { code: string; state: string }) => ask("completeApp", {}, came),
    onSuccess: async ({ key }) => {
      await client.invalidateQueries();
      // The code stays in no history: it was good once.
      await navigate({ to: "/apps/$app", params: { app: key }, replace: true });
    },
  });
  const { mutate } = complete;
  useEffect(() => {
    // Development renders effects twice; a code works once.
    if (asked.current || code === undefined || state === undefined) return;
    asked.current = true;
    mutate({ code, state });
  }, [code, state, mutate]);
  const isComplete = code !== undefined && state !== undefined;
  return (
    <Page title="The App is being stored">
      {isComplete ? null : <p>This address belongs to the end of a registration.</p>}
      {complete.error === null ? null : <ErrorNote error={complete.error} />}
      {isComplete && complete.error === null ? (
        <Skeleton rows={3} label="The App is being stored" />
      ) : (
        <p>
          <Link to="/connect" className="button primary">
            Begin again
          </Link>
        </p>
      )}
    </Page>
  );
}
