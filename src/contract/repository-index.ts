import * as z from "zod/mini";

/**
 * What the code of a commit refers to. It is made where the code is, in a checkout or in the
 * runner, and travels as it stands; the core has the same shape as types of its own, because it
 * knows nothing of what travels. Paths are relative to the root of the repository and as written
 * in the code, that is before symbolic links are followed.
 */
export type RepositoryIndex = z.infer<typeof repositoryIndex>;
export type IndexedDirectory = z.infer<typeof indexedDirectory>;
export type Reference = z.infer<typeof reference>;

const path = z.string().check(z.maxLength(4096));

const reference = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("module"), dir: path }),
  z.object({ kind: z.literal("file"), path, by: path }),
  z.object({ kind: z.literal("files"), dir: path, pattern: path, by: path }),
  z.object({ kind: z.literal("root_file"), path, by: path }),
  z.object({ kind: z.literal("dependency"), dir: path }),
]);

const indexedDirectory = z.object({ dir: path, references: z.array(reference) });

const symlink = z.object({ path, target: path });

export const repositoryIndex = z.object({
  directories: z.array(indexedDirectory),
  symlinks: z.array(symlink),
  problems: z.array(z.object({ path, message: z.string().check(z.maxLength(1000)) })),
});
