import { truncateEnd } from "../base/text.ts";
import { STEP_REPORTS_MAX, STEP_TEXT_CHARS_MAX, type StepReport } from "../contract/step.ts";
import type { Masker } from "./mask.ts";
import { elide } from "./text.ts";

const TITLE_CHARS_MAX = 500;
const NAME_CHARS_MAX = 40;
/** Of all texts of one scope; beyond this each gets little, so that a result stays something that can be sent. */
const ALL_CHARS_MAX = 600_000;
const LITTLE_CHARS = 1_000;

/** What the steps of one scope did, within the limits of the contract. */
export class Reports {
  readonly #masker: Masker;
  #reports: StepReport[] = [];
  #chars = 0;

  constructor(masker: Masker) {
    this.#masker = masker;
  }

  add(report: StepReport): void {
    const max = this.#chars < ALL_CHARS_MAX ? STEP_TEXT_CHARS_MAX : LITTLE_CHARS;
    const text = elide(this.#masker.mask(report.text), max);
    this.#chars += text.length;
    this.#reports.push({ ...report, step: truncateEnd(report.step, NAME_CHARS_MAX), text });
    if (this.#reports.length <= STEP_REPORTS_MAX) return;
    // What failed is what people look for.
    const dispensable = this.#reports.findIndex(({ outcome }) => outcome === "succeeded");
    this.#reports.splice(Math.max(dispensable, 0), 1);
  }

  /** Masked once more: a later step may have told a secret that an earlier one printed. */
  all(): StepReport[] {
    return this.#reports.map((report) => ({
      ...report,
      title: truncateEnd(this.#masker.mask(report.title), TITLE_CHARS_MAX),
      text: elide(this.#masker.mask(report.text), STEP_TEXT_CHARS_MAX),
    }));
  }
}
