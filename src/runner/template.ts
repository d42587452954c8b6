export type Expanded =
  | { readonly kind: "ok"; readonly argv: string[] }
  | { readonly kind: "missing"; readonly name: string };

const REFERENCE = /\$(?:\$|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})/g;

/**
 * Replaces `$NAME` and `${NAME}` in each argument, once: a value is never expanded again, so a secret
 * with a dollar stays as it is. `$$` is a dollar; anything else after a dollar (`$(date)`, `$1`,
 * `${x:-y}`) is left for the program, which is often a shell.
 */
export function expandArgv(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): Expanded {
  const expanded: string[] = [];
  for (const argument of argv) {
    const one = expandText(argument, env);
    if (one.kind === "missing") return one;
    expanded.push(one.text);
  }
  return { kind: "ok", argv: expanded };
}

export type ExpandedText =
  | { readonly kind: "ok"; readonly text: string }
  | { readonly kind: "missing"; readonly name: string };

/** The same for one text, whose values can be made safe for where they go. */
export function expandText(
  template: string,
  env: Readonly<Record<string, string>>,
  safe: (value: string) => string = (value) => value,
): ExpandedText {
  let missing: string | undefined;
  const text = template.replace(
    REFERENCE,
    (all, plain: string | undefined, braced: string | undefined) => {
      const name = plain ?? braced;
      if (name === undefined) return "$";
      const value = Object.hasOwn(env, name) ? env[name] : undefined;
      if (value === undefined) missing ??= name;
      return value === undefined ? all : safe(value);
    },
  );
  return missing === undefined ? { kind: "ok", text } : { kind: "missing", name: missing };
}

export type ExpandedEnv =
  | { readonly kind: "ok"; readonly env: Record<string, string> }
  | { readonly kind: "missing"; readonly name: string };

/** The environment plus the variables of a step, whose values are templates over the environment before it. */
export function expandEnv(
  extra: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): ExpandedEnv {
  const names = Object.keys(extra);
  const values = expandArgv(Object.values(extra), env);
  if (values.kind === "missing") return values;
  const added = Object.fromEntries(names.map((name, at) => [name, values.argv[at] ?? ""]));
  return { kind: "ok", env: { ...env, ...added } };
}
