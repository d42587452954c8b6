/** How one case went. */
export interface Result {
  readonly name: string;
  readonly line: number;
  readonly ok: boolean;
  readonly mismatches: readonly {
    readonly key: string;
    readonly expected: string;
    readonly got: string;
  }[];
}

export interface TestedFile {
  readonly file: string;
  readonly cases: readonly Result[];
}
