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
  /** Keeps the state of modules without a backend; undefined where jobs leave nothing behind. */
  readonly stateDir: string | undefined;
  readonly log: (line: string) => void;
  /** Everything one unit said, together. */
  readonly logGroup: (title: string, text: string) => void;
}

export type FoundHost =
  | { readonly kind: "ok"; readonly host: Host }
  | { readonly kind: "missing"; readonly message: string };

export type HostEnv = Readonly<Record<string, string | undefined>>;
export type Print = (text: string) => void;
