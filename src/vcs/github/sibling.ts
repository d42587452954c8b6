import type { RepositoryRef, Sibling, VcsResult } from "../../ports/vcs.ts";
import { type GithubClient, ok } from "./client.ts";
import type { NodeIds } from "./node-ids.ts";
import { type SiblingEntry, siblingSchema } from "./schema.ts";

/** One query, which starts at the repository itself: so its owner is the owner now, and nobody else is reached. */
export async function findSibling(
  client: GithubClient,
  nodeIds: NodeIds,
  repo: RepositoryRef,
  names: readonly string[],
  folder: string,
): Promise<VcsResult<Sibling | undefined>> {
  const nodeId = await nodeIds.of(repo);
  if (nodeId.kind !== "ok") return nodeId;
  const wanted = Object.fromEntries(names.map((name, index) => [`n${index}`, name]));
  const variables = { id: nodeId.value, folder: `HEAD:${folder}`, ...wanted };
  const answered = await client.query(repo, siblingQuery(names.length), variables, siblingSchema);
  if (answered.kind !== "ok") return answered;
  const { data, errors } = answered.value;
  // Overrides that exist must not vanish because we are not let in: only "there is none" counts as none.
  const refused = errors?.find((error) => error.type !== "NOT_FOUND");
  if (refused !== undefined) return { kind: "forbidden", message: `GitHub: ${refused.message}` };
  if (data.node === null) {
    return { kind: "not_found", message: `GitHub has no repository ${repo.fullName} any more.` };
  }
  return await chooseSibling(nodeIds, repo, names, data.node.owner);
}

type Owner = { readonly id: string } & Readonly<Record<string, SiblingEntry | string | null>>;

/** The first that is there and theirs, of those that stand in the answer in this order. */
export async function chooseSibling(
  nodeIds: NodeIds,
  repo: RepositoryRef,
  names: readonly string[],
  owner: Owner,
): Promise<VcsResult<Sibling | undefined>> {
  for (const [index] of names.entries()) {
    const found = owner[`s${index}`];
    if (typeof found === "string") continue;
    if (found?.defaultBranchRef == null || found.object?.__typename !== "Tree") continue;
    // A repository that moved away answers under its old name, too.
    if (found.owner.id !== owner.id) continue;
    const id = await nodeIds.idOf(repo, found.id, found.nameWithOwner);
    if (id.kind !== "ok") return id;
    if (id.value === undefined) continue;
    const { installation } = repo;
    const ref = { installation, id: id.value, fullName: found.nameWithOwner };
    return ok({ ref, commit: found.defaultBranchRef.target.oid });
  }
  return ok(undefined);
}

function siblingQuery(count: number): string {
  const indices = Array.from({ length: count }, (_, index) => index);
  const variables = indices.map((index) => `$n${index}: String!`).join(", ");
  const siblings = indices.map(
    (index) => `s${index}: repository(name: $n${index}, followRenames: false) { ...Sibling }`,
  );
  return `query ($id: ID!, $folder: String!, ${variables}) {
    node(id: $id) { ... on Repository { owner { id ${siblings.join("\n")} } } }
  }
  fragment Sibling on Repository {
    id
    nameWithOwner
    owner { id }
    defaultBranchRef { target { oid } }
    object(expression: $folder) { __typename }
  }`;
}
