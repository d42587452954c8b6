import { z } from "zod";
import { dirsKey, optional, strict, tagList, workspaceName } from "./helpers.ts";
import { whenModified } from "./when-modified.ts";

const workspace = strict({
  tags: optional(tagList),
  when_modified: optional(whenModified),
});

const dir = strict({
  create_and_select_workspace: optional(z.boolean()),
  create_if_missing: optional(z.boolean()),
  lock_branch_target: optional(z.enum(["all", "dest_branch"])),
  tags: optional(tagList),
  when_modified: optional(whenModified),
  workspaces: optional(z.record(workspaceName, workspace.nullable())),
  stacks: optional(z.record(workspaceName, workspace.nullable())),
}).check((context) => {
  // Both become workspaces of the directory, so one name cannot stand for two of them.
  for (const name of Object.keys(context.value.stacks ?? {})) {
    if (!Object.hasOwn(context.value.workspaces ?? {}, name)) continue;
    context.issues.push({
      code: "custom",
      message: `\`${name}\` is under both \`workspaces\` and \`stacks\``,
      input: name,
      path: ["stacks", name],
      params: { code: "workspace" },
    });
  }
});

/** `a:` with nothing after it is `{}`. */
export const dirs = z.record(dirsKey, dir.nullable());

export type RawDir = z.infer<typeof dir>;
export type RawWorkspace = z.infer<typeof workspace>;
