import { expect, test } from "vitest";
import { configOf } from "../../test/support/change.ts";
import { isOwnCheckName, showingOf } from "./showing.ts";

test.each([
  ["", undefined],
  ["dirspace_checks: {enabled: true}", { dirspaceChecksMax: 20 }],
  ["dirspace_checks: {enabled: true, max: 3}", { dirspaceChecksMax: 3 }],
  ["dirspace_checks: {max: 3}", undefined],
  ["statuses: {enabled: true}", { statuses: "terrane" }],
  ["statuses: {enabled: true, name: terrateam}", { statuses: "terrateam" }],
  ["labels: {enabled: true}", { labels: true }],
])("notifications: {%s} shows %o", (text, expected) => {
  expect(showingOf(configOf(`version: "1"\nnotifications: {${text}}\n`))).toEqual(expected);
});

test.each([
  ["create_pending_apply_check: true", undefined],
  ["create_completed_apply_check_on_noop: true", undefined],
  ["create_pending_apply_check: false", { lateApplyChecks: { onNoop: false } }],
  [
    "create_pending_apply_check: false, create_completed_apply_check_on_noop: true",
    { lateApplyChecks: { onNoop: true } },
  ],
])("apply_requirements: {%s} shows %o", (text, expected) => {
  expect(showingOf(configOf(`version: "1"\napply_requirements: {${text}}\n`))).toEqual(expected);
});

test.each([
  ["terrane plan", true],
  ["terrane apply", true],
  ["terrateam apply", true],
  ["terrane plan: net default", true],
  ["terrane planning", false],
  ["build", false],
  ["my terrane plan", false],
])("%s is ours: %s", (name, expected) => {
  expect(isOwnCheckName(name)).toBe(expected);
});
