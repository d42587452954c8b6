import { keepPreviousData, useQuery } from "@tanstack/react-query";
import {
  CONFIGURATION_CHARS_MAX,
  type ConfigurationCheck,
  type DiagnosticView,
} from "../../../contract/configuration.ts";
import { ask } from "../../data/ask.ts";
import { useSettled } from "./settled.ts";

const TYPING_MS = 250;
const KEPT_MS = 30_000;

export interface Check {
  readonly findings: readonly DiagnosticView[];
  readonly errors: number;
  readonly warnings: number;
  readonly effective: ConfigurationCheck["effective"];
  readonly withoutTree: string | undefined;
  /** The findings are about an older text. */
  readonly isBusy: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
}

/** What is found in the text, asked for while somebody types. An answer about an older text is dropped. */
export function useCheck(repository: string, text: string, file: string): Check {
  const settled = useSettled(text, TYPING_MS);
  const isTooLarge = settled.length > CONFIGURATION_CHARS_MAX;
  const check = useQuery({
    queryKey: ["check", repository, file, settled],
    queryFn: () =>
      ask("checkConfiguration", {}, { text: settled, repository, file, effective: true }),
    enabled: !isTooLarge,
    placeholderData: keepPreviousData,
    staleTime: KEPT_MS,
    gcTime: KEPT_MS,
    refetchOnWindowFocus: false,
  });
  const findings = isTooLarge ? [tooLarge(file)] : (check.data?.diagnostics ?? []);
  return {
    findings,
    errors: findings.filter(({ severity }) => severity === "error").length,
    warnings: findings.filter(({ severity }) => severity === "warning").length,
    effective: isTooLarge ? null : check.data?.effective,
    withoutTree: check.data?.withoutTree,
    isBusy: settled !== text || check.isPlaceholderData || check.isLoading,
    error: check.error,
    retry: () => void check.refetch(),
  };
}

function tooLarge(file: string): DiagnosticView {
  const message = `A configuration is at most ${CONFIGURATION_CHARS_MAX} characters long.`;
  return { severity: "error", code: "too_large", message, file, line: 1, column: 1, path: "" };
}
