export type Substituted =
  | { readonly kind: "ok"; readonly text: string }
  /** No variable has this name. */
  | { readonly kind: "unknown"; readonly name: string };

/**
 * Replaces `${name}` by the variable of that name, once: a value is not looked into again. Braces
 * inside a name are balanced, `$${name}` gives `${name}`, and what never closes is text.
 */
export function substituteVariables(
  text: string,
  variables: Readonly<Record<string, string>>,
): Substituted {
  let result = "";
  let done = 0;
  for (let at = text.indexOf("${"); at >= 0; at = text.indexOf("${", done)) {
    const end = closingBrace(text, at + 1);
    if (end === undefined) break;
    if (at > done && text[at - 1] === "$") {
      result += text.slice(done, at - 1) + text.slice(at, end + 1);
    } else {
      const name = text.slice(at + 2, end);
      const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
      if (value === undefined) return { kind: "unknown", name };
      result += text.slice(done, at) + value;
    }
    done = end + 1;
  }
  return { kind: "ok", text: result + text.slice(done) };
}

/** Of the brace that opens at `open`. */
function closingBrace(text: string, open: number): number | undefined {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === "{") depth += 1;
    if (text[at] === "}") depth -= 1;
    if (depth === 0) return at;
  }
  return undefined;
}
