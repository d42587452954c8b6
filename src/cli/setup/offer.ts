/** What `terrane setup` can set up; given by `main`, because these are other people's systems. */
export interface SetupOffer {
  readonly forges: readonly SetupForge[];
  readonly clouds: readonly SetupCloud[];
}

export interface SetupForge {
  readonly name: string;
  /** The file in the repository that lets Terrane start jobs. */
  readonly file: string;
  readonly text: string;
  /** What is left to do, a line each. */
  readonly next: readonly string[];
}

export interface SetupCloud {
  readonly name: string;
  readonly trust: (request: TrustRequest) => Trust;
}

/** Which jobs a cloud is to trust. */
export interface TrustRequest {
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
