/** What differs between the places a comment is shown in, as data. */
export interface Flavour {
  /** Longest comment it takes. */
  readonly commentCharsMax: number;
  /** What stands before a pull request's number to make it a link. */
  readonly numberSign: "#" | "!";
  /** It has commit statuses beside its checks. */
  readonly hasStatuses?: true;
}
