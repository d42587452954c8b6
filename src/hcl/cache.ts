import type { FileReferences } from "./file-references.ts";

/** Raise it when other references are found in the same content. */
export const FORMAT_VERSION = 1;

/**
 * What files refer to, by their content: a key is a hash of the content, how it was read, and the
 * version of the reading, so that an entry never has to be thrown away for being wrong.
 */
export interface ReferenceCache {
  get(key: string): FileReferences | undefined;
  set(key: string, references: FileReferences): void;
  /** Keeps what was added for next time, where there is a next time. */
  save(): Promise<void>;
}

export function memoryCache(): ReferenceCache {
  const entries = new Map<string, FileReferences>();
  return {
    get: (key) => entries.get(key),
    set: (key, references) => void entries.set(key, references),
    save: () => Promise.resolve(),
  };
}
