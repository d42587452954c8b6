type Operand = string | undefined;

const TOKEN = /\s*(&&|\|\||==|!=|=~|"[^"]*"|'[^']*'|\/(?:[^/\\]|\\.)*\/|\$\w+|null)/y;

/** `if` of `rules`: comparisons of variables and texts, `&&` before `||`; no parentheses. */
export function evaluateRule(text: string, variables: Readonly<Record<string, string>>): boolean {
  const tokens = tokenize(text);
  const operand = (token: string | undefined): Operand => {
    if (token === undefined) throw new Error(`the rule ${text} ends too early`);
    if (token.startsWith("$")) {
      const value = variables[token.slice(1)];
      return value;
    }
    return token === "null" ? undefined : token.slice(1, -1);
  };
  const comparison = (part: readonly string[]): boolean => {
    const [left, operator, right, ...rest] = part;
    if (rest.length > 0) throw new Error(`the rule ${text} cannot be read`);
    switch (operator) {
      case undefined:
        return (operand(left) ?? "") !== "";
      case "==":
        return operand(left) === operand(right);
      case "!=":
        return operand(left) !== operand(right);
      case "=~":
        return new RegExp((right ?? "//").slice(1, -1)).test(operand(left) ?? "");
      default:
        throw new Error(`the rule ${text} has the unknown operator ${operator}`);
    }
  };
  return split(tokens, "||").some((either) => split(either, "&&").every(comparison));
}

function tokenize(text: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) throw new Error(`the rule ${text} cannot be read from ${at} on`);
    tokens.push(token);
  }
  return tokens;
}

function split(tokens: readonly string[], at: string): readonly (readonly string[])[] {
  const parts: string[][] = [[]];
  for (const token of tokens) {
    if (token === at) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}
