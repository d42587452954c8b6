import type { CommitSha } from "../../core/ids.ts";
import type { FileRead, RepositoryRef, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, ok } from "./client.ts";
import type { FileReader } from "./file.ts";
import type { NodeIds } from "./node-ids.ts";
import { type Blob, filesSchema } from "./schema.ts";

/** As many as one query stays cheap with; we ask for five. */
const FILES_MAX = 20;

interface Wanted {
  readonly commit: CommitSha;
  readonly paths: readonly string[];
  readonly charsMax: number;
}

/**
 * Several files in one query instead of a call for each. What GraphQL cannot say exactly is read one by one
 * by the other API.
 */
export async function readFiles(
  client: GithubClient,
  nodeIds: NodeIds,
  files: FileReader,
  repo: RepositoryRef,
  wanted: Wanted,
): Promise<VcsResult<readonly FileRead[]>> {
  const answered = await askForAll(client, nodeIds, repo, wanted);
  if (answered.kind !== "ok") return answered;
  const blobs = answered.value;
  const read: FileRead[] = [];
  for (const [index, path] of wanted.paths.entries()) {
    const blob = blobs?.get(`f${index}`);
    if (blobs !== undefined && blob === undefined) continue;
    const text = blob === undefined ? undefined : wholeText(blob, wanted.charsMax);
    if (text !== undefined) {
      read.push({ path, kind: "text", text });
      continue;
    }
    const one = await files.read(repo, wanted.commit, path, wanted.charsMax);
    if (one.kind === "rejected") read.push({ path, kind: "unreadable", message: one.message });
    else if (one.kind !== "ok") return one;
    else if (one.value !== undefined) read.push({ path, kind: "text", text: one.value });
  }
  return ok(read);
}

/** What is there, by alias; undefined where the query did not reach the commit. */
async function askForAll(
  client: GithubClient,
  nodeIds: NodeIds,
  repo: RepositoryRef,
  { commit, paths }: Wanted,
): Promise<VcsResult<ReadonlyMap<string, Blob> | undefined>> {
  if (paths.length === 0 || paths.length > FILES_MAX) return ok(undefined);
  const id = await nodeIds.of(repo);
  if (id.kind !== "ok") return id;
  const variables: Record<string, string> = { id: id.value, commit };
  for (const [index, path] of paths.entries()) variables[`p${index}`] = `${commit}:${path}`;
  const answered = await client.query(repo, filesQuery(paths.length), variables, filesSchema);
  if (answered.kind !== "ok") return answered;
  const { node } = answered.value.data;
  // A commit that is not there is the other API's to explain.
  if (node === null || node.commit === null) return ok(undefined);
  const found = paths.map((_path, index) => [`f${index}`, node[`f${index}`]] as const);
  return ok(new Map(found.flatMap(([alias, blob]) => (isBlob(blob) ? [[alias, blob]] : []))));
}

function filesQuery(count: number): string {
  const indices = Array.from({ length: count }, (_, index) => index);
  const variables = indices.map((index) => `$p${index}: String!`).join(", ");
  const objects = indices.map(
    (index) =>
      `f${index}: object(expression: $p${index}) { ... on Blob { text isTruncated byteSize } }`,
  );
  return `query ($id: ID!, $commit: GitObjectID!, ${variables}) {
    node(id: $id) {
      ... on Repository { commit: object(oid: $commit) { oid } ${objects.join("\n")} }
    }
  }`;
}

/** A directory has none of these fields. */
function isBlob(value: unknown): value is Blob {
  return typeof value === "object" && value !== null && "byteSize" in value;
}

/** A symbolic link is a blob too: its text is a path, which never has a line break. */
const LINK_CHARS_MAX = 4_096;

/** Undefined where it has to be read by itself: it is cut, too long, no text, or may be a symbolic link. */
export function wholeText({ text, isTruncated }: Blob, charsMax: number): string | undefined {
  if (text === null || isTruncated || text.length > charsMax) return undefined;
  if (text !== "" && text.length <= LINK_CHARS_MAX && !text.includes("\n")) return undefined;
  // As a decoder of bytes leaves it out.
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}
