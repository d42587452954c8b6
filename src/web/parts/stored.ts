import { useCallback, useState } from "react";

/** A preference of this browser. Private windows may refuse to store; then it lasts as long as the page. */
export function useStored(key: string): readonly [string | null, (value: string | null) => void] {
  const [value, setValue] = useState(() => read(key));
  const set = useCallback(
    (next: string | null) => {
      setValue(next);
      write(key, next);
    },
    [key],
  );
  return [value, set];
}

export function read(key: string): string | null {
  try {
    return window.localStorage.getItem(`terrane.${key}`);
  } catch {
    return null;
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) window.localStorage.removeItem(`terrane.${key}`);
    else window.localStorage.setItem(`terrane.${key}`, value);
  } catch {
    // Nothing depends on it being remembered.
  }
}
