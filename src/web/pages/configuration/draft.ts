import { useCallback, useEffect, useState } from "react";

/** A file that is being changed here. It is kept by this tab of the browser and nowhere else. */
export interface Draft {
  readonly text: string;
  /** Something else than what the default branch has. */
  readonly isChanged: boolean;
  /** The default branch got another file since the draft was begun. */
  readonly isOutdated: boolean;
  readonly set: (text: string) => void;
  readonly reset: () => void;
}

interface Stored {
  readonly text: string;
  /** What the file was when the draft was begun. */
  readonly began: string;
}

/** Writing the storage with every key would be felt in a large file. */
const STORE_MS = 300;

export function useDraft(repository: string, file: string): Draft {
  const [stored, setStored] = useState(() => read(repository));
  useEffect(() => {
    const timer = window.setTimeout(() => write(repository, stored), STORE_MS);
    return () => window.clearTimeout(timer);
  }, [repository, stored]);
  const set = useCallback(
    (text: string) =>
      setStored((before) => (text === file ? undefined : { text, began: before?.began ?? file })),
    [file],
  );
  const reset = useCallback(() => {
    setStored(undefined);
    write(repository, undefined);
  }, [repository]);
  const isChanged = stored !== undefined && stored.text !== file;
  return {
    text: stored?.text ?? file,
    isChanged,
    isOutdated: isChanged && stored.began !== file,
    set,
    reset,
  };
}

function keyOf(repository: string): string {
  return `terrane.draft.${repository}`;
}

function read(repository: string): Stored | undefined {
  try {
    const found: unknown = JSON.parse(window.sessionStorage.getItem(keyOf(repository)) ?? "null");
    return isStored(found) ? { text: found.text, began: found.began } : undefined;
  } catch {
    return undefined;
  }
}

function isStored(value: unknown): value is Stored {
  if (typeof value !== "object" || value === null) return false;
  if (!("text" in value) || !("began" in value)) return false;
  return typeof value.text === "string" && typeof value.began === "string";
}

function write(repository: string, stored: Stored | undefined): void {
  try {
    if (stored === undefined) window.sessionStorage.removeItem(keyOf(repository));
    else window.sessionStorage.setItem(keyOf(repository), JSON.stringify(stored));
  } catch {
    // A private window, or no room: the draft lasts as long as the page.
  }
}
