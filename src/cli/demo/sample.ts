/**
 * A small infrastructure monorepo: network → database → two applications with the workspaces dev and prod. Only
 * `terraform_data` is used, so nothing is downloaded. State is kept by the local CI, and read across directories
 * through files, as a real repository would read remote state.
 */
export function sampleFiles(): Readonly<Record<string, string>> {
  return {
    "README.md": "# Sample infrastructure\n\nnetwork → database → checkout, billing (dev, prod)\n",
    ".terrane/config.yml": CONFIG,
    "modules/service/main.tf": SERVICE_MODULE,
    "network/main.tf": networkFile(2),
    "database/main.tf": databaseFile("16"),
    "apps/checkout/main.tf": appFile("checkout", 2),
    "apps/billing/main.tf": appFile("billing", 1),
  };
}

/** The first pull request: a third subnet. It concerns everything that stands on the network. */
export function networkChange(): Readonly<Record<string, string>> {
  return { "network/main.tf": networkFile(3) };
}

/** The second one: a new database version. It overlaps with the first. */
export function databaseChange(): Readonly<Record<string, string>> {
  return { "database/main.tf": databaseFile("17") };
}

const CONFIG = `version: "1"

# Modules are planned through the directories that use them.
dirs:
  modules/**:
    when_modified: {file_patterns: []}
  database:
    when_modified: {depends_on: "dir:network"}
  apps/*:
    tags: [app]
    workspaces:
      dev: {}
      prod: {tags: [production]}
    when_modified:
      depends_on: "dir:database"
      file_patterns: ["\${DIR}/*.tf", "modules/service/*.tf"]

# One person besides the author has to agree before anything is applied.
apply_requirements:
  checks:
    - tag_query: ""
      approved: {enabled: true, any_of_count: 1}
`;

const SERVICE_MODULE = `variable "name" { type = string }
variable "replicas" { type = number }

resource "terraform_data" "instance" {
  count = var.replicas
  input = "\${var.name}-\${count.index}"
}

output "instances" { value = terraform_data.instance[*].output }
`;

function networkFile(subnets: number): string {
  return `# The network everything stands on.
locals {
  subnets = [for i in range(${subnets}) : "10.0.\${i}.0/24"]
}

resource "terraform_data" "vpc" {
  input = { cidr = "10.0.0.0/16", subnets = length(local.subnets) }
}

resource "terraform_data" "subnet" {
  for_each = toset(local.subnets)
  input    = each.value
}

output "subnets" { value = [for s in terraform_data.subnet : s.output] }
`;
}

function databaseFile(version: string): string {
  return `# The database of all applications.
resource "terraform_data" "cluster" {
  input            = { engine = "postgres", version = "${version}" }
  triggers_replace = ["storage-v1"]
}

resource "terraform_data" "password" {
  input = sensitive("a-password-nobody-may-see")
}

output "endpoint" { value = "postgres-\${terraform_data.cluster.output.version}.internal" }
output "password" {
  value     = terraform_data.password.output
  sensitive = true
}
`;
}

function appFile(name: string, replicas: number): string {
  return `# Runs in the workspaces dev and prod.
module "service" {
  source   = "../../modules/service"
  name     = "${name}-\${terraform.workspace}"
  replicas = terraform.workspace == "prod" ? ${replicas + 1} : ${replicas}
}

output "instances" { value = module.service.instances }
`;
}
