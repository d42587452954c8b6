/** What `terrane setup` can set up; given by `main`, because these are other people's systems. */
export interface SetupOffer {
  readonly forges: readonly SetupForge[];
  readonly clouds: readonly SetupCloud[];
}

export interface SetupForge {
  readonly name: string;
  /** The files in the repository that let Terrane start jobs. */
  readonly files: readonly SetupFile[];
  /** What is left to do, a line each. */
  readonly next: readonly string[];
  /** Repositories may be in folders of folders. */
  readonly nested: boolean;
  /** Clouds can be told to trust an instance of somebody's own, by its address. */
  readonly ownInstances: boolean;
}

export interface SetupFile {
  readonly path: string;
  readonly text: string;
  /** Where people have things of their own in this file: it is written only where there is none. */
  readonly shared?: {
    /** A file that has all of these is complete. */
    readonly has: readonly string[];
    /** What to do where it has not. */
    readonly next: string;
  };
}

export interface SetupCloud {
  readonly name: string;
  readonly trust: (request: TrustRequest) => Trust;
}

/** Which jobs a cloud is to trust. */
export interface TrustRequest {
  /** Whose jobs: the name of a forge. */
  readonly forge: string;
  /** Where it is, for one of somebody's own. */
  readonly url: string | undefined;
  /** `owner/name`. */
  readonly repository: string;
  /** The default branch: jobs run its workflow file and no other. */
  readonly branch: string;
  readonly planEnvironment: string | undefined;
  readonly applyEnvironment: string | undefined;
  /** The subject as it is where nobody adapted it; then other workflows are trusted as well. */
  readonly plainSubject: boolean;
  readonly account: string | undefined;
  readonly project: string | undefined;
  readonly tenant: string | undefined;
  readonly format: "native" | "hcl";
}

export type Trust =
  | { readonly kind: "ok"; readonly text: string; readonly notes: readonly string[] }
  | { readonly kind: "missing"; readonly option: string };
