import type { CST } from "yaml";

export interface Exceeded {
  readonly message: string;
  readonly offset: number;
}

interface Visit {
  readonly token: CST.Token;
  readonly depth: number;
}

/** The first limit that a file breaks, found without recursion. */
export function measure(
  tokens: readonly CST.Token[],
  max: { readonly nodes: number; readonly depth: number },
): Exceeded | undefined {
  const stack: Visit[] = tokens.map((token) => ({ token, depth: 0 }));
  let nodes = 0;
  for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
    const { token, depth } = visit;
    if (depth > max.depth) {
      return {
        message: `a configuration is at most ${max.depth} levels deep`,
        offset: token.offset,
      };
    }
    if (token.type === "document") {
      if (token.value !== undefined) stack.push({ token: token.value, depth });
    } else if ("items" in token) {
      nodes += token.items.length;
      if (nodes > max.nodes) {
        return {
          message: `a configuration holds at most ${max.nodes} values`,
          offset: token.offset,
        };
      }
      for (const item of token.items) {
        if (item.key) stack.push({ token: item.key, depth: depth + 1 });
        if (item.value) stack.push({ token: item.value, depth: depth + 1 });
      }
    }
  }
  return undefined;
}
