/** Tells what a page gives an editor from what the editor itself told the page a moment ago. */
export interface Echo {
  /** The editor told this, and goes on. */
  tell(text: string): void;
  /** Whether the page only says what it was told, however late. */
  isEcho(text: string): boolean;
}

/**
 * A page answers what is typed with the same text, and on a busy machine only after the next key: whoever put that back
 * would take the key away.
 */
export function createEcho(): Echo {
  let told: readonly string[] = [];
  return {
    tell(text) {
      told = [...told, text];
    },
    isEcho(text) {
      const at = told.indexOf(text);
      // What came before is not said any more; something else than all of it is the page's own word.
      told = at < 0 ? [] : told.slice(at + 1);
      return at >= 0;
    },
  };
}
