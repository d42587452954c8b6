import { createWriteStream } from "node:fs";
import { type FileHandle, mkdir, open, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32, createInflateRaw } from "node:zlib";

export interface ZipEntry {
  readonly name: string;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly crc: number;
  readonly method: number;
  readonly offset: number;
  /** Of the file when it was packed; 0 where it is not said. */
  readonly mode: number;
}

/** An archive that breaks a rule or a limit; its text says which. */
export class BadZip extends Error {}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const COMMENT_BYTES_MAX = 65_535;
const ENTRIES_MAX = 10_000;
const DIRECTORY_BYTES_MAX = 8 * 1024 * 1024;
const ENTRY_BYTES_MAX = 2 * 1024 * 1024 * 1024;
const STORED = 0;
const DEFLATED = 8;

/**
 * Just enough of ZIP for release archives: stored or deflated entries, no encryption, no ZIP64, no names
 * that lead elsewhere. What it reads has been checked by its hash before.
 */
export async function readZip(file: string): Promise<readonly ZipEntry[]> {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const tail = await bytesAt(handle, Math.max(0, size - END_BYTES - COMMENT_BYTES_MAX), size);
    const at = endOf(tail);
    const count = tail.readUInt16LE(at + 10);
    const length = tail.readUInt32LE(at + 12);
    const offset = tail.readUInt32LE(at + 16);
    if (count > ENTRIES_MAX) throw new BadZip(`it has more than ${ENTRIES_MAX} files`);
    if (length > DIRECTORY_BYTES_MAX || offset + length > size) {
      throw new BadZip("its directory is not where it should be");
    }
    return entriesOf(await bytesAt(handle, offset, offset + length), count);
  } finally {
    await handle.close();
  }
}

/** Unpacks these entries below a folder, checking length and checksum of each. */
export async function unpack(
  file: string,
  entries: readonly ZipEntry[],
  folder: string,
): Promise<void> {
  const handle = await open(file, "r");
  try {
    for (const entry of entries) {
      if (entry.name.endsWith("/")) continue;
      const target = join(folder, safeName(entry.name));
      await mkdir(dirname(target), { recursive: true });
      await unpackOne(handle, entry, target);
    }
  } finally {
    await handle.close();
  }
}

async function unpackOne(handle: FileHandle, entry: ZipEntry, target: string): Promise<void> {
  const head = await bytesAt(handle, entry.offset, entry.offset + 30);
  if (head.length < 30 || head.readUInt32LE(0) !== LOCAL) throw new BadZip("an entry is not there");
  const start = entry.offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
  let bytes = 0;
  let crc = 0;
  const checked = new Transform({
    transform: (part: Buffer, _, done) => {
      bytes += part.length;
      crc = crc32(part, crc);
      if (bytes > entry.bytes) done(new BadZip(`${entry.name} is longer than it says`));
      else done(null, part);
    },
  });
  const mode = (entry.mode & 0o111) === 0 ? 0o644 : 0o755;
  if (entry.packedBytes === 0) await writeFile(target, "", { flag: "wx", mode });
  else {
    const sink = createWriteStream(target, { flags: "wx", mode });
    const end = start + entry.packedBytes - 1;
    const source = handle.createReadStream({ start, end, autoClose: false });
    if (entry.method === STORED) await pipeline(source, checked, sink);
    else await pipeline(source, createInflateRaw(), checked, sink);
  }
  if (bytes !== entry.bytes || crc !== entry.crc) throw new BadZip(`${entry.name} is damaged`);
}

function entriesOf(directory: Buffer, count: number): ZipEntry[] {
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== CENTRAL) {
      throw new BadZip("its directory is damaged");
    }
    const nameLength = directory.readUInt16LE(at + 28);
    const next =
      at + 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    if (next > directory.length) throw new BadZip("its directory is damaged");
    const entry = {
      name: directory.toString("utf8", at + 46, at + 46 + nameLength),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      packedBytes: directory.readUInt32LE(at + 20),
      bytes: directory.readUInt32LE(at + 24),
      mode: directory.readUInt16LE(at + 40),
      offset: directory.readUInt32LE(at + 42),
    };
    check(entry, directory.readUInt16LE(at + 8));
    entries.push(entry);
    at = next;
  }
  return entries;
}

function check(entry: ZipEntry, flags: number): void {
  if ((flags & 1) !== 0) throw new BadZip(`${entry.name} is encrypted`);
  if (entry.method !== STORED && entry.method !== DEFLATED) {
    throw new BadZip(`${entry.name} is packed in a way that is not known`);
  }
  if (entry.bytes > ENTRY_BYTES_MAX) throw new BadZip(`${entry.name} is larger than 2 GB`);
  safeName(entry.name);
}

/** Relative, downwards, and of plain characters. */
function safeName(name: string): string {
  const parts = name.replace(/\/$/, "").split("/");
  const bad = parts.some((part) => part === "" || part === "." || part === "..");
  if (bad || /[\0\\:]/.test(name)) throw new BadZip(`"${name}" is no name for a file of a release`);
  return name;
}

function endOf(tail: Buffer): number {
  for (let at = tail.length - END_BYTES; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) === END) return at;
  }
  throw new BadZip("it is no ZIP archive, or it is cut off");
}

async function bytesAt(handle: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(0, to - from));
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
  return buffer.subarray(0, bytesRead);
}
