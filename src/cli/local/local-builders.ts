import type { BuiltTree } from "../../contract/built-tree.ts";

/** The scripts of builders, run on the checkout of this machine as a CI job would. */
export interface LocalBuilders {
  /** `from`: the commit that the change is compared with. */
  readonly tree: (script: string, from: string | undefined) => Promise<LocallyBuilt<BuiltTree>>;
  readonly config: (script: string, stdin: string) => Promise<LocallyBuilt<string>>;
}

export type LocallyBuilt<Value> =
  | { readonly kind: "built"; readonly value: Value }
  | { readonly kind: "failed"; readonly message: string };

export interface BuilderPlace {
  /** Of the checkout; absolute. */
  readonly root: string;
  readonly log: (line: string) => void;
}
