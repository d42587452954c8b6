/** A parsed tag query. Plain data, so it can be stored; `text` is what the person typed. */
export interface Query {
  readonly text: string;
  /** `null`: the empty query, which matches everything. */
  readonly root: Node | null;
}

export type Node =
  | { readonly kind: "tag"; readonly tag: string }
  /** A run of whole path segments anywhere in the directory; no segments never match. */
  | { readonly kind: "in_dir"; readonly segments: readonly string[] }
  /** The directory `path`, seen from the dirspace whose `depends_on` is being read. */
  | { readonly kind: "relative_dir"; readonly path: string }
  | { readonly kind: "not"; readonly operand: Node }
  /** Two operands or more; never an operand of the same kind, so that long chains stay flat. */
  | { readonly kind: "and" | "or"; readonly operands: readonly Node[] };

export const QUERY_CHARS_MAX = 4096;
/** Nesting of parentheses, and of an `or` that tags side by side pull into themselves. */
export const QUERY_DEPTH_MAX = 64;

export interface QueryWarning {
  readonly code: "ambiguous_or";
  readonly message: string;
  /** Where in the text, in UTF-16 units. */
  readonly offset: number;
}

export type ParsedQuery =
  | { readonly kind: "ok"; readonly query: Query; readonly warnings: readonly QueryWarning[] }
  | { readonly kind: "error"; readonly message: string; readonly offset: number };
