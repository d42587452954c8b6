// Generated from deploy/github/terrane.yml by `npm run codegen`.
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
