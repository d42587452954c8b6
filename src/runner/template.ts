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
  let missing: string | undefined;
  const expanded = argv.map((argument) =>
    argument.replace(REFERENCE, (all, plain: string | undefined, braced: string | undefined) => {
      const name = plain ?? braced;
      if (name === undefined) return "$";
      const value = Object.hasOwn(env, name) ? env[name] : undefined;
      if (value === undefined) missing ??= name;
      return value ?? all;
    }),
  );
  return missing === undefined
    ? { kind: "ok", argv: expanded }
    : { kind: "missing", name: missing };
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
