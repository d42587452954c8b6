/** The CI file of a project that an existing runner works for, and the template that it includes from another project. */
export const EXISTING_FILE = `spec:
  inputs:
    TERRATEAM_TRIGGER:
      description: "Is this being triggered by terrateam?"
      type: string
      default: "$TERRATEAM_TRIGGER"
    WORK_TOKEN:
      description: "The work token from terrateam"
      type: string
      default: "$WORK_TOKEN"
    API_BASE_URL:
      description: "The base url for the terrateam api"
      type: string
      default: "$API_BASE_URL"
    RUNS_ON:
      description: "The tags to use for the runner"
      type: array
      default: []
---
include:
  - project: templates/existing
    file: template.yml
    inputs:
      TERRATEAM_TRIGGER: $[[ inputs.TERRATEAM_TRIGGER ]]
      WORK_TOKEN: $[[ inputs.WORK_TOKEN ]]
      API_BASE_URL: $[[ inputs.API_BASE_URL ]]
      RUNS_ON: $[[ inputs.RUNS_ON ]]
stages:
  - infrastructure
infrastructure:
  stage: infrastructure
  extends: .template
`;

export const EXISTING_TEMPLATE_PROJECT = "templates/existing";

export const EXISTING_TEMPLATE = `spec:
  inputs:
    TERRATEAM_TRIGGER: { type: string }
    WORK_TOKEN: { type: string }
    API_BASE_URL: { type: string }
    RUNS_ON: { type: array, default: [] }
---
.template:
  rules:
    - if: $CI_PIPELINE_SOURCE == "trigger"
    - if: $CI_PIPELINE_SOURCE == "api" && "$[[ inputs.TERRATEAM_TRIGGER ]]" == "true"
  tags: $[[ inputs.RUNS_ON ]]
  variables:
    WORK_TOKEN: $[[ inputs.WORK_TOKEN ]]
    API_BASE_URL: $[[ inputs.API_BASE_URL ]]
  script: ["/entrypoint.sh"]
`;
