import type { Api } from "../api.ts";
import { repositoryId } from "../commands/remote.ts";

/** Its id here; one that nothing was heard of yet is looked for where the apps of the server are installed. */
export async function knownOrAdopted(api: Api, named: string | undefined): Promise<string> {
  if (named === undefined || !named.includes("/")) return await repositoryId(api, named);
  const known = (await api("repositories", {})).find(({ fullName }) => fullName === named);
  return known?.id ?? (await api("adoptRepository", {}, { fullName: named })).id;
}
