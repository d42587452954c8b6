import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { sha256Of } from "../engine/install/download.ts";

/** The `h1:` hash of unpacked files: over their names and hashes, in the order of the names. */
export async function packageHash(folder: string): Promise<string> {
  const names = (await filesBelow(folder, "")).toSorted((left, right) =>
    Buffer.compare(Buffer.from(left), Buffer.from(right)),
  );
  const all = createHash("sha256");
  for (const name of names) all.update(`${(await sha256Of(join(folder, name))) ?? ""}  ${name}\n`);
  return `h1:${all.digest("base64")}`;
}

async function filesBelow(folder: string, prefix: string): Promise<string[]> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true });
  const nested = entries.map(async (entry) => {
    const name = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    return entry.isDirectory() ? await filesBelow(folder, name) : [name];
  });
  return (await Promise.all(nested)).flat();
}
