/** What is written without the blank that makes it an entry, and how it is written. */
export interface MissingBlank {
  readonly message: string;
  readonly suggestion?: string;
}

const KEY = "[A-Za-z_][A-Za-z0-9_.-]*";
const NO_BLANK = new RegExp(`^(${KEY}):(?!//)(\\S.*)$`, "s");
const NO_COLON = new RegExp(`^(${KEY}) +(\\S.*)$`, "s");
const NO_BLANK_AFTER_DASH = /^-([^\s-].*)$/s;

/** Only what stands on its own is worth a suggestion: of several lines only the first is known. */
const SUGGESTED_CHARS_MAX = 60;

/** Says of a text that was meant as an entry of a mapping what it lacks: `a:{}`, `enabled true`. */
export function missingBlank(text: string): MissingBlank | undefined {
  const [, joined, after] = NO_BLANK.exec(text) ?? [];
  if (joined !== undefined) {
    return withEntry(
      `a blank is missing after the colon of \`${joined.slice(0, 60)}:\``,
      joined,
      after,
    );
  }
  const [, key, value] = NO_COLON.exec(text) ?? [];
  if (key === undefined) return undefined;
  return withEntry(`a colon is missing after \`${key.slice(0, 60)}\``, key, value);
}

/** The same of an entry of a list: `-a`. */
export function missingBlankAfterDash(text: string): MissingBlank | undefined {
  const [, after] = NO_BLANK_AFTER_DASH.exec(text) ?? [];
  if (after === undefined) return undefined;
  const message = "a blank is missing after `-`";
  return /\s/.test(after) || after.length > SUGGESTED_CHARS_MAX
    ? { message }
    : { message, suggestion: `- ${after}` };
}

function withEntry(message: string, key: string, value: string = ""): MissingBlank {
  const suggestion = `${key}: ${value}`;
  return /\s/.test(value) || suggestion.length > SUGGESTED_CHARS_MAX
    ? { message }
    : { message, suggestion };
}
