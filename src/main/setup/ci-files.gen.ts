// Generated from deploy by `npm run codegen`.

/** deploy/github/terrane.yml */
export const WORKFLOW = `# Goes to .github/workflows/terrane.yml on the default branch. Terrane starts it; nothing else should.
name: Terrane

run-name: "\${{ inputs.title }} (\${{ inputs.attempt }})"

on:
  workflow_dispatch:
    inputs:
      attempt:
        description: Set by Terrane. It names the work and opens nothing by itself.
        required: true
        type: string
      server_url:
        description: Set by Terrane, and compared with the variable TERRANE_URL.
        type: string
      title:
        description: Set by Terrane.
        type: string
      environment:
        description: Set by Terrane, from \`environment\` of the workflow in its configuration.
        type: string
      runs_on:
        description: Set by Terrane, from \`runs_on\` of the workflow in its configuration. JSON.
        type: string

permissions:
  # Proves to Terrane, and to a cloud that you let trust it, which job this is.
  id-token: write
  # To fetch the commits of the pull request.
  contents: read

jobs:
  terrane:
    name: \${{ inputs.title }}
    runs-on: \${{ fromJSON(inputs.runs_on || '"ubuntu-latest"') }}
    environment: \${{ inputs.environment }}
    timeout-minutes: 360
    steps:
      # Replace this step by whatever puts your version of terraform or tofu on PATH.
      - name: Install Terraform
        uses: hashicorp/setup-terraform@b9cd54a3c349d3f38e8881555d616ced269862dd # v3.1.2
        with:
          terraform_wrapper: false

      - name: Run
        env:
          # From a variable, never from the input: whoever may start workflows could name a server of their own.
          TERRANE_SERVER_URL: \${{ vars.TERRANE_URL }}
          TERRANE_ATTEMPT: \${{ inputs.attempt }}
          TERRANE_CLONE_URL: \${{ github.server_url }}/\${{ github.repository }}
          TERRANE_GIT_TOKEN: \${{ github.token }}
          STARTED_BY: \${{ inputs.server_url }}
        run: |
          if [ -z "$TERRANE_SERVER_URL" ]; then
            echo "::error::The variable TERRANE_URL is not set. Set it for this repository or its organization to the address of your Terrane server."
            exit 2
          fi
          if [ -n "$STARTED_BY" ] && [ "\${STARTED_BY%/}" != "\${TERRANE_SERVER_URL%/}" ]; then
            echo "::error::This job was started by another server than the variable TERRANE_URL names. Correct the variable, or TERRANE_URL of the server."
            exit 2
          fi
          curl --fail --silent --show-error --retry 5 --retry-all-errors --max-time 60 \\
            --output "$RUNNER_TEMP/terrane-runner.mjs" "\${TERRANE_SERVER_URL%/}/runner.js"
          # In place of the shell, so that a cancelled job is told and can stop its tools in order.
          exec node "$RUNNER_TEMP/terrane-runner.mjs"
`;

/** deploy/gitlab/gitlab-ci.yml */
export const GITLAB_ROOT = `# Goes to .gitlab-ci.yml on the default branch. Where there is such a file already, it gets these inputs and the include.
spec:
  inputs:
    attempt:
      description: Set by Terrane. It names the work and opens nothing by itself.
      default: ""
    server_url:
      description: Set by Terrane, and compared with the variable TERRANE_URL.
      default: ""
    title:
      description: Set by Terrane.
      default: ""
    environment:
      description: Set by Terrane, from \`environment\` of the workflow in its configuration.
      default: none
    runs_on:
      description: Set by Terrane, from \`runs_on\` of the workflow in its configuration. Tags of runners.
      type: array
      default: []
---
include:
  - local: .gitlab/terrane.yml
    inputs:
      attempt: $[[ inputs.attempt ]]
      server_url: $[[ inputs.server_url ]]
      title: $[[ inputs.title ]]
      environment: $[[ inputs.environment ]]
      runs_on: $[[ inputs.runs_on ]]
    rules:
      # Only in pipelines that Terrane starts. Jobs of your own leave these out in the same way, turned round.
      - if: '"$[[ inputs.attempt ]]" != ""'
`;

/** deploy/gitlab/terrane.yml */
export const GITLAB_JOB = `# Goes to .gitlab/terrane.yml on the default branch. Terrane starts its job; nothing else should.
spec:
  inputs:
    attempt:
      description: Names the work and opens nothing by itself.
      regex: ^[A-Za-z0-9_-]{1,100}$
    server_url:
      description: Who started this.
    title:
      description: For people.
    environment:
      description: The environment of the job, or \`none\`.
      default: none
    runs_on:
      description: Tags of the runners that may take the job.
      type: array
      default: []
    stage:
      description: The stage of the job.
      default: test
---
workflow:
  # Terrane finds the pipeline by this name when GitLab's answer was lost.
  name: "$[[ inputs.title ]] ($[[ inputs.attempt ]])"

.terrane:
  stage: $[[ inputs.stage ]]
  tags: $[[ inputs.runs_on ]]
  image:
    # An image with Node.js 20 or newer and git, by its digest: a tag that moves would change what applies your infrastructure.
    name: $TERRANE_IMAGE
    entrypoint: [""]
  id_tokens:
    # Proves to Terrane, and to nobody else, which job this is.
    TERRANE_ID_TOKEN:
      aud: \${TERRANE_URL}/attempts/$[[ inputs.attempt ]]
  variables:
    # From a variable of the project or group, never from the input: whoever may start pipelines could name a server of their own.
    TERRANE_SERVER_URL: $TERRANE_URL
    TERRANE_STARTED_BY: $[[ inputs.server_url ]]
    TERRANE_ATTEMPT: $[[ inputs.attempt ]]
    TERRANE_CLONE_URL: \${CI_PROJECT_URL}.git
    TERRANE_GIT_USER: gitlab-ci-token
    TERRANE_GIT_TOKEN: $CI_JOB_TOKEN
    # What one directory said is folded in the log.
    TERRANE_LOG_GROUPS: sections
    # The runner clones by itself: the head of the merge request merged with its base.
    GIT_STRATEGY: none
  # A job that is run again cannot continue, and one that is at work is not to be ended by a newer pipeline.
  retry: 0
  interruptible: false
  timeout: 6h
  script:
    - |
      if [ -z "$TERRANE_SERVER_URL" ]; then
        echo "The variable TERRANE_URL is not set. Set it for this project or its group to the address of your Terrane server."
        exit 2
      fi
      runner=/opt/terrane/runner.mjs
      if [ ! -f "$runner" ]; then
        runner="$(mktemp -d)/terrane-runner.mjs"
        curl --fail --silent --show-error --retry 5 --max-time 60 --output "$runner" "\${TERRANE_SERVER_URL%/}/runner.js"
      fi
      # In place of the shell, so that a cancelled job is told and can stop its tools in order.
      exec node "$runner"

terrane:
  extends: .terrane
  rules:
    - if: '$CI_PIPELINE_SOURCE == "api" && "$[[ inputs.environment ]]" == "none"'

# An environment without a name is none that GitLab takes, so its job is another one.
terrane:environment:
  extends: .terrane
  environment:
    name: $[[ inputs.environment ]]
  rules:
    - if: '$CI_PIPELINE_SOURCE == "api" && "$[[ inputs.environment ]]" != "none"'
`;
