import { useQuery, useQueryClient } from "@tanstack/react-query";
import {
  type ErrorComponentProps,
  Link,
  Outlet,
  useRouter,
  useRouterState,
} from "@tanstack/react-router";
import { type ReactElement, useContext, useEffect, useRef, useState } from "react";
import { signOut } from "../data/ask.ts";
import { useLiveState } from "../data/live.tsx";
import { serverQuery } from "../data/queries.ts";
import { SessionContext } from "../data/session.tsx";
import type { StreamState } from "../data/stream.ts";
import { useSay } from "./announcer.tsx";
import { Attention } from "./attention.tsx";
import { ErrorNote } from "./error-note.tsx";
import { Icon, type IconName, Logo } from "./icon.tsx";
import { Shortcuts } from "./shortcuts.tsx";
import { ThemeButton } from "./theme.tsx";

const PLACES: readonly {
  readonly to: "/" | "/runs" | "/locks" | "/configuration";
  readonly label: string;
  readonly icon: IconName;
}[] = [
  { to: "/", label: "Pull requests", icon: "pull" },
  { to: "/runs", label: "Runs", icon: "play" },
  { to: "/locks", label: "Locks", icon: "lock" },
  { to: "/configuration", label: "Configuration", icon: "sliders" },
];

export function Shell(): ReactElement {
  const [helpOpen, setHelpOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const before = useRef(path);

  // A page change without a reload leaves the focus on a link that is gone; screen readers would stay silent.
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    main.current?.focus({ preventScroll: true });
  }, [path]);

  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="top">
        <div className="top-inner">
          <Link to="/" className="brand" aria-label="Terrane, pull requests">
            <Logo />
            <span>Terrane</span>
          </Link>
          <nav aria-label="Pages">
            {PLACES.map(({ to, label, icon }) => (
              <Link
                key={to}
                to={to}
                activeOptions={{ exact: false, includeSearch: false }}
                className={isHere(to, path) ? "here" : ""}
                title={label}
                aria-current={isHere(to, path) ? "page" : undefined}
              >
                <Icon name={icon} />
                <span>{label}</span>
              </Link>
            ))}
          </nav>
          <div className="top-tools">
            <Attention />
            <Live />
            <button
              type="button"
              className="button ghost icon-only"
              aria-label="Keyboard shortcuts"
              title="Keyboard shortcuts (?)"
              onClick={() => setHelpOpen(true)}
            >
              <Icon name="keyboard" />
            </button>
            <ThemeButton />
            <SignOut />
          </div>
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <Outlet />
      </main>
      <Foot />
      <Shortcuts helpOpen={helpOpen} setHelpOpen={setHelpOpen} />
    </>
  );
}

function isHere(to: string, path: string): boolean {
  const isConfiguration = path.endsWith("/configuration");
  if (to === "/configuration") return isConfiguration;
  if (isConfiguration) return false;
  if (to === "/") return path === "/" || path === "/new" || path.startsWith("/repositories/");
  return path === to || path.startsWith(`${to}/`);
}

const LIVE: Readonly<Record<StreamState, string>> = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  ended: "Ended",
};

function Live(): ReactElement {
  const state = useLiveState();
  const title =
    state === "live"
      ? "Changes appear by themselves."
      : "The connection is being made; until then this page asks again every few seconds.";
  return (
    <span className="live" data-state={state} role="status" title={title}>
      <span className="live-dot" aria-hidden="true" />
      <span className="live-word">{LIVE[state]}</span>
    </span>
  );
}

function SignOut(): ReactElement {
  const session = useContext(SessionContext);
  const client = useQueryClient();
  const say = useSay();
  const leave = async () => {
    try {
      await signOut();
      client.clear();
      session.set(true);
    } catch (error) {
      say(error instanceof Error ? error.message : "Still signed in");
    }
  };
  return (
    <button
      type="button"
      className="button ghost icon-only"
      aria-label="Sign out"
      title="Sign out"
      onClick={() => void leave()}
    >
      <Icon name="exit" />
    </button>
  );
}

function Foot(): ReactElement {
  const server = useQuery(serverQuery());
  return (
    <footer className="foot">
      {server.data === undefined ? (
        <span>&nbsp;</span>
      ) : (
        <span>
          Terrane {server.data.version} · {server.data.vcs.join(", ")} ·{" "}
          {server.data.database === "embedded" ? "embedded database" : "external database"} · you
          are <b>{server.data.actor}</b> · <Link to="/attention">what failed for good</Link> ·{" "}
          <Link to="/budget">call budget</Link> ·{" "}
          <Link to="/connect" reloadDocument>
            connections
          </Link>
        </span>
      )}
    </footer>
  );
}

/** A bug of ours in one page leaves the others usable. */
export function BrokenPage(props: ErrorComponentProps): ReactElement {
  const router = useRouter();
  return (
    <div className="page narrow">
      <h1>This page has a bug</h1>
      <ErrorNote error={toError(props.error)} onRetry={() => void router.invalidate()} />
    </div>
  );
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error("Something that is no error was thrown.");
}
