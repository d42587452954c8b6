/** What a repository's configuration says in one seed, and what that means for the invariants. */
export interface SimConfig {
  readonly text: string | undefined;
  /** Approvals that an apply of an open pull request needs. */
  readonly approvals: number;
  /** They have to come from the team `ops`. */
  readonly ofTeam?: boolean;
  /** Two pull requests may apply the same before either is merged. */
  readonly isUnlocked?: boolean;
  /** What a plan finds may want approvals of its own. */
  readonly raisesGates?: boolean;
}

const APPROVED =
  "apply_requirements: {checks: [{tag_query: '', approved: {enabled: true, any_of_count: 1}}]}\n";
const APPROVED_BY_OPS = APPROVED.replace("any_of_count", "any_of: ['team:ops'], any_of_count");
const POLICY = (policy: string) => `workflows: [{tag_query: '', lock_policy: ${policy}}]\n`;
const AUTOMERGE = "automerge: {enabled: true, delete_branch: true}\n";
const STACKS = (rule: string) =>
  `stacks: {names: {net: {tag_query: 'dir:net'}, app: {tag_query: 'dir:app', rules: {${rule}: [net]}}}}\n`;

/** Checks of applies only once one is asked for. */
const LATE = "apply_requirements: {create_pending_apply_check: false}\n";

const GATES = "{type: gates, cmd: [ask]}";
const GATES_OF_STEPS = `workflows: [{tag_query: '', plan: [{type: init}, {type: plan}, ${GATES}]}]\n`;
const GATES_OF_HOOKS = `hooks: {plan: {post: [${GATES}]}}\n`;

const TOLD = (strategy: string) =>
  `notifications: {policies: [{tag_query: '', comment_strategy: ${strategy}}]}\n`;
const TOLD_APART =
  "notifications: {policies: [{tag_query: 'dir:net', comment_strategy: minimize}, {tag_query: 'dir:app', comment_strategy: append}], summary: {enabled: true}}\n";

const MORE_CHECKS = "notifications: {dirspace_checks: {enabled: true, max: 3}}\n";
const STATUSES =
  "notifications: {dirspace_checks: {enabled: true}, statuses: {enabled: true, name: terrateam}}\n";

/** Good ones; a pull request may bring another one, and the default branch may move to another one (F9). */
export const CONFIGS: readonly SimConfig[] = [
  { text: undefined, approvals: 0 },
  { text: APPROVED, approvals: 1 },
  {
    text: `dirs: {app: {when_modified: {depends_on: 'dir:net'}}}\n${MORE_CHECKS}`,
    approvals: 0,
  },
  {
    text: `dirs: {app: {when_modified: {depends_on: 'dir:net'}}}\n${APPROVED}${TOLD("minimize")}`,
    approvals: 1,
  },
  { text: `${POLICY("apply")}${TOLD("delete")}`, approvals: 0 },
  { text: `${POLICY("merge")}${LATE}`, approvals: 0, isUnlocked: true },
  { text: POLICY("none"), approvals: 0, isUnlocked: true },
  { text: `dirs: {app: {when_modified: {autoapply: true}}}\n${TOLD_APART}`, approvals: 0 },
  {
    text: `batch_runs: {enabled: true, max_workspaces_per_batch: 1}\n${TOLD("minimize")}`,
    approvals: 0,
  },
  { text: `${STACKS("plan_after")}${TOLD_APART}`, approvals: 0 },
  { text: `${STACKS("apply_after")}${STATUSES}${LATE}`, approvals: 0 },
  { text: "workflows: [{tag_query: 'dir:net', environment: prod}]\n", approvals: 0 },
  { text: `parallel_runs: 1\n${APPROVED}${TOLD("append")}`, approvals: 1 },
  { text: APPROVED_BY_OPS, approvals: 1, ofTeam: true },
  { text: GATES_OF_STEPS, approvals: 0, raisesGates: true },
  { text: GATES_OF_HOOKS, approvals: 0, raisesGates: true },
  { text: `${GATES_OF_STEPS}${GATES_OF_HOOKS}${APPROVED}`, approvals: 1, raisesGates: true },
  { text: `${AUTOMERGE}${TOLD("delete")}`, approvals: 0 },
  { text: `${AUTOMERGE}${APPROVED}${MORE_CHECKS}`, approvals: 1 },
];

/** Broken and hostile ones. */
export const BAD_CONFIGS: readonly string[] = [
  "workflows: [",
  "no_such_key: 1\n",
  "dirs: {app: {when_modified: {depends_on: 'dir:app'}}, net: {when_modified: {depends_on: 'dir:app'}}}\n",
  "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
  "dirs: {__proto__: {}}\n",
];
