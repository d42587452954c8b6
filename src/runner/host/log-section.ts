import type { LogGroup, Print } from "./host.ts";

const CLEAR = "\u001b[0K";
const START_OF_LINE = `\r${CLEAR}`;

/**
 * Text that some CI systems fold in their log, closed at first. What tools print cannot end the section or begin
 * another: their own markers lose the character that makes them one.
 */
export function openSection(
  print: Print,
  name: string,
  title: string,
  seconds: () => number,
): LogGroup {
  const began = seconds();
  const id = `${name}_${began}`;
  print(`${CLEAR}section_start:${began}:${id}[collapsed=true]${START_OF_LINE}${oneLine(title)}\n`);
  return {
    write: (text) => print(text.replaceAll(`${CLEAR}section_`, "section_")),
    end: () => print(`${CLEAR}section_end:${seconds()}:${id}${START_OF_LINE}\n`),
  };
}

function oneLine(title: string): string {
  return ["\r", "\n", "\u001b"].reduce((text, one) => text.replaceAll(one, " "), title);
}
