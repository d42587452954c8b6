import { CENTRAL_NAMES } from "../../core/config/central.ts";
import { CONFIG_PATHS } from "../../core/fact.ts";

/** As many of each as one page holds; where there are more, the other API pages through all of them. */
export const LOOKED_AT_MAX = 100;
/** A command is read seconds after it was written: it is among the last ones. */
const SAID_MAX = 10;
/** Nobody merges more branches at once by accident. */
export const PARENTS_MAX = 4;

/**
 * All that a decision about a pull request begins with, in one query: the pull request, its reviews, where its branches
 * point, the configuration on both of them, what other checks say, and whether anything of ours is there. Commits are
 * followed as objects and never by name, so that a push between two of the fields mixes nothing.
 */
export function lookQuery(): string {
  const paths = CONFIG_PATHS.map((_, index) => `$c${index}: String!`).join(", ");
  const names = CENTRAL_NAMES.map((_, index) => `$n${index}: String!`).join(", ");
  const files = CONFIG_PATHS.map((_, index) => `c${index}: file(path: $c${index}) { ...Entry }`);
  const siblings = CENTRAL_NAMES.map(
    (_, index) => `s${index}: repository(name: $n${index}, followRenames: false) { ...Sibling }`,
  );
  return `query ($id: ID!, $number: Int!, $app: Int!, $said: Boolean!, $folder: String!, ${paths}, ${names}) {
    node(id: $id) {
      ... on Repository {
        owner { id ${siblings.join("\n")} }
        defaultBranchRef { name target { oid ... on Commit { ...Config } } }
        pullRequest(number: $number) { ...Pull }
      }
    }
  }
  fragment Pull on PullRequest {
    title state isDraft url mergeable mergedAt
    mergeCommit { oid }
    author { ...Who }
    headRefName headRefOid headRepository { id }
    baseRefName baseRefOid baseRef { target { oid } }
    reviews(last: ${LOOKED_AT_MAX}, states: [APPROVED, CHANGES_REQUESTED, DISMISSED]) {
      totalCount nodes { state author { ...Who } commit { oid } }
    }
    ours: comments(last: ${LOOKED_AT_MAX}) { totalCount nodes { viewerDidAuthor } }
    said: comments(last: ${SAID_MAX}) @include(if: $said) {
      nodes { fullDatabaseId body createdAt author { ...Who } }
    }
    history: commits(first: ${LOOKED_AT_MAX}) {
      totalCount nodes { commit { oid parents(first: ${PARENTS_MAX}) { totalCount nodes { oid } } } }
    }
    head: commits(last: 1) { nodes { commit { oid ...Config ...Checks } } }
  }
  fragment Who on Actor {
    __typename login ... on User { databaseId } ... on Bot { databaseId }
  }
  fragment Config on Commit { ${files.join("\n")} }
  fragment Entry on TreeEntry { mode object { __typename ... on Blob { text isTruncated byteSize } } }
  fragment Checks on Commit {
    suites: checkSuites(first: 10, filterBy: { appId: $app }) {
      totalCount nodes { checkRuns(first: 1) { totalCount } }
    }
    statusCheckRollup {
      contexts(first: ${LOOKED_AT_MAX}) {
        totalCount
        nodes {
          __typename
          ... on CheckRun { name status conclusion checkSuite { app { databaseId } } }
          ... on StatusContext { context state }
        }
      }
    }
  }
  fragment Sibling on Repository {
    id nameWithOwner owner { id } defaultBranchRef { target { oid } }
    object(expression: $folder) { __typename }
  }`;
}
