/** Files to be put to people as one pull request, on a branch that is ours. */
export interface FileProposal {
  /** Known by its name, so that the same proposal is found again. */
  readonly branch: string;
  /** What it wants into. */
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly files: readonly ProposedFile[];
}

export interface ProposedFile {
  readonly path: string;
  readonly text: string;
}

export type Proposed =
  | {
      readonly kind: "open";
      readonly number: number;
      readonly url: string | undefined;
      /** This call opened it. */
      readonly opened: boolean;
    }
  /** The base has all of it. */
  | { readonly kind: "nothing_to_change" }
  /** Known without trying; so nothing was tried. */
  | {
      readonly kind: "not_permitted";
      readonly lacks: readonly LackedPermission[];
      /** Where they are granted, if that has an address. */
      readonly grantUrl: string | undefined;
      /** The VCS's own editor, with the file filled in. */
      readonly byHand: readonly { readonly path: string; readonly url: string }[];
    };

export interface LackedPermission {
  /** As the VCS calls it. */
  readonly name: string;
  readonly why: string;
}

/** The last line of the message of a commit that is ours, by which the branch is known to hold nothing of somebody else. */
export const PROPOSAL_MARK = "Proposed-By: terrane";

export function proposalMessage(title: string): string {
  return `${title}\n\n${PROPOSAL_MARK}`;
}

export function isProposal(message: string): boolean {
  return message.trimEnd().endsWith(PROPOSAL_MARK);
}
