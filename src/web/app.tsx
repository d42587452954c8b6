import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import { ApiError, isSignedOut } from "./data/api-error.ts";
import { LiveUpdates } from "./data/live.tsx";
import { createSession, type Session, SessionContext, useSignedOut } from "./data/session.tsx";
import { LoginPage } from "./pages/login-page.tsx";
import { Announcer } from "./parts/announcer.tsx";
import { Clock } from "./parts/clock.tsx";
import { router } from "./router.tsx";

const RETRIES_MAX = 2;

export function App(props: { readonly token: string | undefined }): ReactElement {
  const [{ session, client }] = useState(create);
  return (
    <SessionContext value={session}>
      <QueryClientProvider client={client}>
        <Clock>
          <Announcer>
            <Door token={props.token} session={session} client={client} />
          </Announcer>
        </Clock>
      </QueryClientProvider>
    </SessionContext>
  );
}

/** The login stands in the place of the page, so that the address leads on to it afterwards. */
function Door(props: {
  readonly token: string | undefined;
  readonly session: Session;
  readonly client: QueryClient;
}): ReactElement {
  const [token, setToken] = useState(props.token);
  const out = useSignedOut();
  if (out || token !== undefined) {
    const onSignedIn = () => {
      setToken(undefined);
      props.client.clear();
      props.session.set(false);
    };
    return <LoginPage token={token} onSignedIn={onSignedIn} />;
  }
  return (
    <LiveUpdates enabled>
      <RouterProvider router={router} />
    </LiveUpdates>
  );
}

function create(): { readonly session: Session; readonly client: QueryClient } {
  const session = createSession();
  const onError = (error: Error) => {
    if (isSignedOut(error)) session.set(true);
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        networkMode: "always",
        retry: (failures, error) => failures < RETRIES_MAX && isTransient(error),
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
  return { session, client };
}

function isTransient(error: Error): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}
