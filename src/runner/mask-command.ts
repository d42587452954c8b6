/** Lines by which a tool itself names a secret, as CI systems understand them. */
const MASK_COMMAND = "::add-mask::";

/** The secrets that a text names. */
export function maskCommandsIn(text: string): string[] {
  if (!text.includes(MASK_COMMAND)) return [];
  return text
    .split("\n")
    .filter((line) => line.startsWith(MASK_COMMAND))
    .map((line) => decode(line.slice(MASK_COMMAND.length)));
}

/** The text without these lines: they are for us, and hold what is to be hidden. */
export function withoutMaskCommands(text: string): string {
  if (!text.includes(MASK_COMMAND)) return text;
  return text
    .split("\n")
    .filter((line) => !line.startsWith(MASK_COMMAND))
    .join("\n");
}

function decode(value: string): string {
  return value.trimEnd().replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
}
