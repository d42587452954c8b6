import type { RawPath } from "./raw-path.ts";

/** What one file refers to, as it stands there; the same for the same content. */
export interface FileReferences {
  readonly modules: readonly RawPath[];
  readonly reads: readonly RawRead[];
  /** Configurations that become a part of this one; the places in them are those of this one. */
  readonly includes: readonly RawPath[];
  /** Configurations that are read for themselves. */
  readonly configs: readonly RawPath[];
  /** Roots that come first. */
  readonly dependencies: readonly RawPath[];
  /** Why the file could not be read as what it is; what it refers to is not known then. */
  readonly problem?: string;
}

/** A file, or with a pattern those below the path that match it. */
export interface RawRead extends RawPath {
  readonly pattern?: string;
}

export const NOTHING: FileReferences = {
  modules: [],
  reads: [],
  includes: [],
  configs: [],
  dependencies: [],
};
