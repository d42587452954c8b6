import { createContext, useContext, useSyncExternalStore } from "react";

/** Whether the server still takes our cookie. The first 401 of any call ends the session. */
export interface Session {
  readonly subscribe: (listener: () => void) => () => void;
  readonly isOut: () => boolean;
  readonly set: (out: boolean) => void;
}

export function createSession(): Session {
  let out = false;
  const listeners = new Set<() => void>();
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    isOut: () => out,
    set(next) {
      if (next === out) return;
      out = next;
      for (const listener of listeners) listener();
    },
  };
}

export const SessionContext = createContext<Session>(createSession());

export function useSignedOut(): boolean {
  const session = useContext(SessionContext);
  return useSyncExternalStore(session.subscribe, session.isOut);
}

const FRAGMENT = /^#token=(.+)$/;

/**
 * The server prints a link with `#token=…`: a fragment never travels to a server or into its logs. It is taken
 * out of the address bar and the history before anything else happens.
 */
export function takeTokenFromAddress(): string | undefined {
  const found = FRAGMENT.exec(window.location.hash)?.[1];
  if (found === undefined) return undefined;
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
  try {
    return decodeURIComponent(found);
  } catch {
    return undefined;
  }
}
