export const DB_PLAN = `Terraform will perform the following actions:

  # aws_db_subnet_group.old will be destroyed
  - resource "aws_db_subnet_group" "old" {
      - id         = "prod-old" -> null
      - subnet_ids = [
          - "subnet-0a1",
          - "subnet-0b2",
        ] -> null
    }

  # aws_db_instance.main must be replaced
-/+ resource "aws_db_instance" "main" {
      ~ arn               = "arn:aws:rds:eu-central-1:123456789012:db:main" -> (known after apply)
      ~ storage_encrypted = false -> true # forces replacement
        # (31 unchanged attributes hidden)
    }

  # aws_db_parameter_group.main will be updated in-place
  ~ resource "aws_db_parameter_group" "main" {
        id   = "main"
      + parameter {
          + name  = "log_min_duration_statement"
          + value = "250"
        }
    }

  # aws_cloudwatch_metric_alarm.cpu["primary"] will be created
  + resource "aws_cloudwatch_metric_alarm" "cpu" {
      + alarm_name = "db-cpu-primary"
      + threshold  = 80
    }

Plan: 3 to add, 1 to change, 2 to destroy.`;

export const NETWORK_PLAN = `Terraform will perform the following actions:

  # module.vpc.aws_subnet.private["c"] will be created
  + resource "aws_subnet" "private" {
      + availability_zone = "eu-central-1c"
      + cidr_block        = "10.0.48.0/20"
    }

Plan: 2 to add, 1 to change, 0 to destroy.`;

export const STICKY = `### Plan failed · 8 dirspaces · 1 failed · 1 to apply · 2 waiting · 1 applied

+2 create · ~1 update · ±1 replace · −1 destroy

Commit \`8f3c1d2\` · base \`main\` · updated 2026-03-01 14:05 UTC

> [!CAUTION]
> \`prod/db:prod\` replaces \`aws_db_instance.main\`.

| Dirspace | + | ~ | ± | − | Status |
|---|--:|--:|--:|--:|---|
| \`prod/cache:prod\` |  |  |  |  | **plan failed** |
| \`prod/db:prod\` | 2 | 1 | 1 | 1 | to apply |
| \`prod/app:prod\` |  |  |  |  | waits for \`prod/db:prod\` |
| \`network:prod\` | 2 | 1 | 0 | 0 | applied |

<details><summary>1 unchanged</summary>

\`iam/baseline\`

</details>

<details><summary><code>prod/db:prod</code>: to apply</summary>

\`\`\`diff
- aws_db_subnet_group.old
! aws_db_instance.main (storage_encrypted forces replacement)
+ aws_cloudwatch_metric_alarm.cpu["primary"]
\`\`\`

</details>

Next: \`terrane apply\``;

export const DIFF = `diff --git a/prod/db/main.tf b/prod/db/main.tf
index 3f1c2aa..9d0b7c1 100644
--- a/prod/db/main.tf
+++ b/prod/db/main.tf
@@ -12,8 +12,10 @@ resource "aws_db_instance" "main" {
   identifier     = "main"
   engine         = "postgres"
-  engine_version = "16.3"
+  engine_version = "16.4"
   instance_class = "db.m7g.large"
 
-  storage_encrypted = false
+  storage_encrypted = true
+  kms_key_id        = aws_kms_key.db.arn
+
   backup_retention_period = 14
 }
diff --git a/network/subnets.tf b/network/subnets.tf
new file mode 100644
--- /dev/null
+++ b/network/subnets.tf
@@ -0,0 +1,3 @@
+locals {
+  zones = ["a", "b", "c"]
+}
`;
