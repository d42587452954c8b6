import type { ProposedFile } from "../../ports/proposal.ts";

/** How a repository of one VCS is set up, in its own words; given by `main`, because these are other people's systems. */
export interface SetupGuide {
  /** For people. */
  readonly name: string;
  /** The file that says how our jobs run; absent where jobs need none. */
  readonly ciFile?: CiFileGuide;
  /** What to do where a repository cannot be read. */
  readonly reach: string;
  /** What to do where no webhook has come; absent where there are none. */
  readonly webhook?: string;
  /** What to do where jobs start and never come to us. */
  readonly job: string;
  /** Sets the address of this server for the jobs of a repository. */
  readonly jobCommand?: (fullName: string, serverUrl: string) => string;
  /** Pages of the VCS, where it has any. */
  readonly pages?: (fullName: string) => SetupPages;
}

export interface CiFileGuide {
  /** Where it may be, in the order in which it is looked for. */
  readonly paths: readonly string[];
  /** The one that is shipped. */
  readonly path: string;
  readonly text: string;
  /** People have things of their own in it: it is proposed only where there is none. */
  readonly shared?: true;
  /** Other files that go with it, proposed only where they are missing. */
  readonly besides?: readonly ProposedFile[];
  /** Writes it into a checkout. */
  readonly command: string;
  /** What it cannot do without, each with what to say where it is missing. */
  readonly needs: readonly { readonly has: string; readonly why: string }[];
  /** A file that has this is made for an existing runner, which is served as it is. */
  readonly existing: string;
}

export interface SetupPages {
  readonly repository: string;
  readonly newPullRequest: string;
}
