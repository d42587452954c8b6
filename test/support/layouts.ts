import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A repository of a usual build, as files; a value that begins with `→ ` is a symbolic link. */
export type Layout = Readonly<Record<string, string>>;

const LINK = "→ ";

/** Makes the files and one commit of them on `main` in an empty directory. */
function create(root: string, layout: Layout): Layout {
  mkdirSync(root, { recursive: true });
  for (const [path, text] of Object.entries(layout)) {
    const full = join(root, path);
    mkdirSync(dirname(full), { recursive: true });
    if (text.startsWith(LINK)) symlinkSync(text.slice(LINK.length), full);
    else writeFileSync(full, text);
  }
  const git = (...args: string[]) =>
    execFileSync("git", [...IDENTITY, ...args], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  git("init", "--quiet", "--initial-branch=main");
  git("add", "--all");
  git("commit", "--quiet", "--message", "Begin");
  return layout;
}

const IDENTITY = [
  ["user.name", "Layouts"],
  ["user.email", "layouts@example.org"],
  ["commit.gpgsign", "false"],
].flatMap(([key, value]) => ["-c", `${key}=${value}`]);

const INDEXED = "indexer:\n  enabled: true\n";

const resource = (name: string): string =>
  `resource "terraform_data" "${name}" {\n  input = "${name}"\n}\n`;

const moduleCall = (name: string, source: string): string =>
  `module "${name}" {\n  source = "${source}"\n}\n`;

/** One directory for each environment and component; components wait for what they build on. */
export function environmentsAsDirectories(root: string): Layout {
  const layout: Record<string, string> = {
    ".terrane/config.yml": [
      INDEXED.trimEnd(),
      "dirs:",
      '  "envs/*/database/*.tf":',
      "    when_modified:",
      '      depends_on: {tag_query: "relative_dir:../network", prune_on_no_change: true}',
      '  "envs/*/service/*.tf":',
      "    when_modified:",
      "      depends_on:",
      '        tag_query: "relative_dir:../network or relative_dir:../database"',
      "        prune_on_no_change: true",
      "",
    ].join("\n"),
    "README.md": "One directory for each environment and component.\n",
    "modules/service/main.tf": resource("service"),
  };
  for (const stage of ["staging", "production"]) {
    for (const component of ["network", "database", "service"]) {
      const dir = `envs/${stage}/${component}`;
      layout[`${dir}/main.tf`] =
        component === "service"
          ? moduleCall("service", "../../../modules/service")
          : resource(component);
      layout[`${dir}/terraform.tfvars`] = `stage = "${stage}"\n`;
    }
  }
  return create(root, layout);
}

/** One directory, three workspaces, and a file of values for each of them. */
export function workspaces(root: string): Layout {
  return create(root, {
    ".terrane/config.yml": [
      INDEXED.trimEnd(),
      "create_and_select_workspace: true",
      "dirs:",
      "  app:",
      "    when_modified:",
      '      file_patterns: ["${DIR}/*.tf", "${DIR}/${WORKSPACE}.tfvars"]',
      "    workspaces:",
      "      dev: {}",
      "      staging: {}",
      "      production: {tags: [production]}",
      "",
    ].join("\n"),
    "app/main.tf": `${resource("app")}${moduleCall("dns", "../modules/dns")}`,
    "app/dev.tfvars": 'size = "small"\n',
    "app/staging.tfvars": 'size = "small"\n',
    "app/production.tfvars": 'size = "large"\n',
    "modules/dns/main.tf": resource("dns"),
  });
}

/** Units that include one root file and wait for each other. */
export function terragrunt(root: string): Layout {
  const layout: Record<string, string> = {
    ".terrane/config.yml": [
      INDEXED.trimEnd(),
      "engine: {name: terragrunt}",
      "when_modified:",
      '  file_patterns: ["**/terragrunt.hcl", "**/*.tf", "**/*.tfvars"]',
      "",
    ].join("\n"),
    "live/root.hcl": 'locals {\n  region = "eu-central-1"\n}\n',
    "modules/vpc/main.tf": resource("vpc"),
    "modules/database/main.tf": resource("database"),
    "modules/app/main.tf": moduleCall("dns", "../dns"),
    "modules/dns/main.tf": resource("dns"),
  };
  const unit = (name: string, ...dependencies: readonly string[]): string =>
    [
      'include "root" {\n  path = find_in_parent_folders("root.hcl")\n}',
      `terraform {\n  source = "../../../modules//${name}"\n}`,
      'locals {\n  stage = read_terragrunt_config(find_in_parent_folders("stage.hcl"))\n}',
      ...dependencies.map((one) => `dependency "${one}" {\n  config_path = "../${one}"\n}`),
      "",
    ].join("\n\n");
  for (const stage of ["dev", "prod"]) {
    layout[`live/${stage}/stage.hcl`] = `locals {\n  stage = "${stage}"\n}\n`;
    layout[`live/${stage}/vpc/terragrunt.hcl`] = unit("vpc");
    layout[`live/${stage}/database/terragrunt.hcl`] = unit("database", "vpc");
    layout[`live/${stage}/app/terragrunt.hcl`] = unit("app", "vpc", "database");
  }
  return create(root, layout);
}

/** Roots that call modules three levels up, which call each other and read files. */
export function modulesThreeUp(root: string): Layout {
  return create(root, {
    ".terrane/config.yml": INDEXED,
    "modules/base/main.tf": resource("base"),
    "modules/network/main.tf": moduleCall("base", "../base"),
    "modules/network/rules.json": "[]\n",
    "modules/network/rules.tf":
      'locals {\n  rules = jsondecode(file("${path.module}/rules.json"))\n}\n',
    "modules/cluster/main.tf":
      moduleCall("network", "../network") +
      'locals {\n  script = templatefile("${path.module}/templates/start.sh.tftpl", {})\n}\n',
    "modules/cluster/templates/start.sh.tftpl": "echo start\n",
    "modules/unused/main.tf": resource("unused"),
    "teams/payments/prod/cluster/main.tf": moduleCall("cluster", "../../../../modules/cluster"),
    "teams/payments/prod/network/main.tf": moduleCall("network", "../../../../modules/network"),
    "teams/payments/prod/queue/main.tf": resource("queue"),
    "teams/search/prod/cluster/main.tf": moduleCall("cluster", "../../../../modules/cluster"),
  });
}

/** Roots that reach the same code through links: a directory, a file, and a link to a link. */
export function symlinkedShared(root: string): Layout {
  return create(root, {
    ".terrane/config.yml": `${INDEXED}dirs:\n  shared/**:\n    when_modified:\n      file_patterns: []\n`,
    "shared/backend.tf": 'terraform {\n  required_version = ">= 1.0"\n}\n',
    "shared/monitoring/main.tf": resource("monitoring"),
    "shared-extra/main.tf": resource("extra"),
    "roots/a/main.tf": resource("a") + moduleCall("monitoring", "./monitoring"),
    "roots/a/backend.tf": `${LINK}../../shared/backend.tf`,
    "roots/a/monitoring": `${LINK}../../shared/monitoring`,
    "roots/b/main.tf": resource("b"),
    "roots/b/backend.tf": `${LINK}../a/backend.tf`,
    "roots/c/main.tf": resource("c"),
  });
}
