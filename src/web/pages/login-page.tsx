import { type ReactElement, useEffect, useRef, useState } from "react";
import { signIn } from "../data/ask.ts";
import { ErrorNote } from "../parts/error-note.tsx";
import { Logo } from "../parts/icon.tsx";

/** `token` came with the address and is tried at once. */
export function LoginPage(props: {
  readonly token: string | undefined;
  readonly onSignedIn: () => void;
}): ReactElement {
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState<Error>();
  const [busy, setBusy] = useState(props.token !== undefined);
  const tried = useRef(false);
  const { onSignedIn } = props;

  const attempt = async (token: string) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await signIn(token);
      onSignedIn();
    } catch (error) {
      setProblem(error instanceof Error ? error : new Error("The sign-in ended unexpectedly."));
      setBusy(false);
    }
  };
  useEffect(() => {
    // Development renders effects twice; a token is tried once.
    if (props.token === undefined || tried.current) return;
    tried.current = true;
    void attempt(props.token);
  });

  return (
    <main className="login">
      <title>Sign in · Terrane</title>
      <form
        className="card"
        onSubmit={(event) => {
          event.preventDefault();
          void attempt(typed.trim());
        }}
      >
        <Logo />
        <h1>Sign in to Terrane</h1>
        <label htmlFor="token">Access token</label>
        <input
          id="token"
          type="password"
          autoComplete="current-password"
          autoFocus
          required
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <p className="muted small">
          The server prints a sign-in link when it starts. Its part after <code>#token=</code> is
          the token.
        </p>
        {problem === undefined ? null : <ErrorNote error={problem} />}
        <button type="submit" className="button primary" disabled={busy || typed.trim() === ""}>
          {busy ? "Signing in" : "Sign in"}
        </button>
      </form>
    </main>
  );
}
