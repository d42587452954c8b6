/** Verbs in the order in which a pull request needs them. */
const VERBS = [
  { verb: "plan", about: "Plan again" },
  { verb: "apply", about: "Apply what was reviewed" },
  { verb: "cancel", about: "Stop what runs, and keep the locks" },
  { verb: "unlock", about: "Let go of this pull request's locks and place in the queue" },
  { verb: "unlock --blocking", about: "Unlock whoever is in the way" },
  { verb: "force-unlock", about: "Give up an apply without contact, with a reason" },
  { verb: "why", about: "Say where every directory stands, and why" },
  { verb: "repo-config", about: "Show the configuration in force" },
  { verb: "index", about: "Say which modules and files the code refers to" },
  { verb: "help", about: "Show all commands" },
] as const;

const NAMES = ["terrane", "terrateam"] as const;
/** Two letters, so that a sentence with "t" stays a sentence. */
const NAME_CHARS_MIN = 2;
const SHOWN_MAX = 9;

export interface Suggestion {
  /** What the line becomes. */
  readonly line: string;
  readonly about: string;
}

/** What the line with the cursor could become; nothing when it does not look like a command. */
export function suggestionsFor(line: string, dirs: readonly string[]): readonly Suggestion[] {
  const typed = line.trimStart().toLowerCase();
  const name = NAMES.find((one) => typed.startsWith(`${one} `));
  if (name === undefined) {
    if (typed.length < NAME_CHARS_MIN) return [];
    const meant = NAMES.find((one) => one.startsWith(typed));
    return meant === undefined ? [] : verbs(meant, "");
  }
  const rest = typed.slice(name.length).trimStart();
  const selected = /^(plan|apply)\s+(.*)$/.exec(rest);
  if (selected === null) return verbs(name, rest);
  const [, verb = "", start = ""] = selected;
  return dirs
    .filter(
      (dir) => `dir:${dir}`.toLowerCase().startsWith(start) && dir.toLowerCase() !== start.slice(4),
    )
    .slice(0, SHOWN_MAX)
    .map((dir) => ({ line: `${name} ${verb} dir:${dir}`, about: "Only this directory" }));
}

function verbs(name: string, start: string): readonly Suggestion[] {
  return VERBS.filter(({ verb }) => verb.startsWith(start) && verb !== start).map(
    ({ verb, about }) => ({ line: `${name} ${verb}`, about }),
  );
}

/** The line that holds the cursor, and the text with that line replaced. */
export function lineAt(
  text: string,
  cursor: number,
): { readonly line: string; readonly replace: (line: string) => { text: string; cursor: number } } {
  const start = cursor === 0 ? 0 : text.lastIndexOf("\n", cursor - 1) + 1;
  const found = text.indexOf("\n", cursor);
  const end = found === -1 ? text.length : found;
  return {
    line: text.slice(start, end),
    replace: (line) => ({
      text: text.slice(0, start) + line + text.slice(end),
      cursor: start + line.length,
    }),
  };
}
