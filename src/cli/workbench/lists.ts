import type { Change } from "../../core/change/affected.ts";
import { type ParsedList, parseChangeList, parseTreeList } from "../../core/change/change-list.ts";
import { type Host, UsageError } from "../host.ts";

/** A million paths of usual length. */
const LIST_BYTES_MAX = 128 * 1024 * 1024;

/** `-` is standard input. */
export const STDIN = "-";

export async function readTree(host: Host, file: string): Promise<readonly string[]> {
  return entries(parseTreeList(await readText(host, file, LIST_BYTES_MAX)), file);
}

export async function readChanges(host: Host, file: string): Promise<readonly Change[]> {
  return entries(parseChangeList(await readText(host, file, LIST_BYTES_MAX)), file);
}

/** The text of a file that was named on the command line, or what to do where there is none. */
export async function readText(host: Host, file: string, bytesMax: number): Promise<string> {
  const { machine } = host;
  const read = await (file === STDIN
    ? machine.readInput(bytesMax)
    : machine.readFile(file, bytesMax));
  switch (read.kind) {
    case "ok":
      return read.text;
    case "missing":
      throw new UsageError(`There is no file ${file}.`, undefined, 2);
    case "unreadable":
      throw new UsageError(`${file} ${read.message}.`, undefined, 2);
  }
}

function entries<Entry>(parsed: ParsedList<Entry>, file: string): readonly Entry[] {
  if (parsed.kind === "ok") return parsed.entries;
  const next = "Write one path a line; `terrane affected --help` shows the forms of a change.";
  throw new UsageError(`${file}:${parsed.line}: ${parsed.message}.`, next, 2);
}
