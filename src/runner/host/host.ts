/** Where this job runs: who it is, whom it reports to, which folders it may use. */
export interface Host {
  readonly serverUrl: string;
  readonly attempt: string;
  /** Proves to the server which CI job this is, for this audience only. */
  readonly identityToken: (audience: string) => Promise<string>;
  /** For the checkout and everything temporary. */
  readonly workDir: string;
  /** The CI system's own checkout, for repositories that the runner does not clone itself. */
  readonly checkoutDir: string;
  /** Where the code is and how git may read it; undefined where the server names it, or a checkout is there. */
  readonly source: CodeSource | undefined;
  /** Keeps the state of modules without a backend; undefined where jobs leave nothing behind. */
  readonly stateDir: string | undefined;
  readonly log: (line: string) => void;
  /** Puts Markdown on the job's own page; absent where a CI service has no such place. */
  readonly showSummary?: (markdown: string) => Promise<void>;
  /** Begins a part of the log that belongs together; one at a time. */
  readonly openGroup: (title: string) => LogGroup;
}

/** What is said in it goes into the log at once. */
export interface LogGroup {
  /** Whole lines. What tools print in it can neither end it nor be taken for a command. */
  readonly write: (text: string) => void;
  readonly end: () => void;
}

/** Everything one unit said, together. */
export function logGroup(host: Pick<Host, "openGroup">, title: string, text: string): void {
  const group = host.openGroup(title);
  group.write(`${text}\n`);
  group.end();
}

/** A repository that the CI system lets this job read. */
export interface CodeSource {
  readonly cloneUrl: string;
  /** Whose token it is, where the service asks for more than the token. */
  readonly user?: string;
  /** Undefined for what anybody may read. Handed to git alone, and never on a command line. */
  readonly token: string | undefined;
}

/** `TERRANE_CLONE_URL`, `TERRANE_GIT_USER` and `TERRANE_GIT_TOKEN`, from the CI file. */
export function codeSource(env: HostEnv): CodeSource | undefined {
  const cloneUrl = env["TERRANE_CLONE_URL"] ?? "";
  const token = env["TERRANE_GIT_TOKEN"] ?? "";
  if (cloneUrl === "") return undefined;
  const user = env["TERRANE_GIT_USER"] ?? "";
  return {
    cloneUrl,
    token: token === "" ? undefined : token,
    ...(user === "" ? {} : { user }),
  };
}

export type FoundHost =
  | { readonly kind: "ok"; readonly host: Host }
  | { readonly kind: "missing"; readonly message: string };

export type HostEnv = Readonly<Record<string, string | undefined>>;
export type Print = (text: string) => void;
