import { echo } from "../../base/echo.ts";
import { QUERY_CHARS_MAX, QUERY_DEPTH_MAX } from "./query.ts";

/** Longer than other values, because its end is what the message is about. */
const READING_CHARS_MAX = 400;

/**
 * What a person reads when a query does not parse. The wording up to `in_dir` is what users of
 * this language and their tooling already know, so it is kept but for its spelling.
 */
export const messages = {
  rparen:
    "This query could not be parsed.  This could be for a few reasons:\n" +
    "- There are too many closing right parentheses.\n" +
    "- There is an `and` or `or` that is missing both sides to its expression.  If you have a tag " +
    "named `or`, `and`, or `not`, then wrap it in quotes to treat it like a tag name rather than " +
    'an operator, for example `"and"`.',
  not_rparen:
    "Have read a `not` but expected a tag or an opening parenthesis.  To treat `not` as a tag, " +
    'wrap it in quotes: `"not"`.',
  lparen_rparen: "Parentheses must contain an expression, `()` is not allowed.",
  lparen_tag_eof: "Missing closing parentheses.",
  tag_or_rparen:
    "An `or` expression with a closing parenthesis where a tag was expected.  In order to treat " +
    'the `or` as a tag, wrap it in quotes, for example `"or"`.',
  tag_and_rparen:
    "An `and` expression with a closing parenthesis where a tag was expected.  In order to treat " +
    'the `and` as a tag, wrap it in quotes, for example `"and"`.',
  tag_rparen: "Missing opening parentheses.",
  in_dir: (got: string) =>
    `The \`in\` operator only accepts \`dir\` on the right hand side, got \`${echo(got)}\`.`,
  in_position:
    "An `in` needs a single tag on its left and `dir` on its right, for example `foo in dir`.  " +
    "Negate it with parentheses: `not (foo in dir)`.  To treat `in` as a tag, wrap it in quotes.",
  too_long: `A query is at most ${QUERY_CHARS_MAX} characters long.`,
  too_deep: `A query is at most ${QUERY_DEPTH_MAX} levels deep.`,
  ambiguous_or: (reading: string) =>
    `Tags side by side take in the \`or\` after them: this query is read as \`${echo(reading, READING_CHARS_MAX)}\`.  ` +
    "Add parentheses to say which is meant.",
} as const;
