const CLEAR = "\u001b[0K";
const START_OF_LINE = `\r${CLEAR}`;

/**
 * Text that some CI systems fold in their log, closed at first. What tools print cannot end the section or begin
 * another: their own markers lose the character that makes them one.
 */
export function logSection(name: string, title: string, text: string, seconds: number): string {
  const id = `${name}_${seconds}`;
  const inside = text.replaceAll(`${CLEAR}section_`, "section_");
  return [
    `${CLEAR}section_start:${seconds}:${id}[collapsed=true]${START_OF_LINE}${oneLine(title)}\n`,
    `${inside}\n`,
    `${CLEAR}section_end:${seconds}:${id}${START_OF_LINE}\n`,
  ].join("");
}

function oneLine(title: string): string {
  return ["\r", "\n", "\u001b"].reduce((text, one) => text.replaceAll(one, " "), title);
}
