import { OUTPUT_CHUNK_CHARS_MAX, type WorkDirspace } from "../contract/work.ts";
import type { Client } from "./client.ts";
import type { Masker } from "./mask.ts";
import { maskCommandsIn, withoutMaskCommands } from "./mask-command.ts";
import { within } from "./process.ts";
import { elide } from "./text.ts";

/** People watch: a line shows within about a second, and a fast tool does not cause a call for each line. */
const FLUSH_MS = 500;
/** Unsent text of one unit. Above this the tool is slowed down, and after a while text is left out. */
const PENDING_CHARS_MAX = 4_000_000;
/** A slow server may slow a tool by this much for each piece of output, and a dead one must not stop an apply. */
const ROOM_WAIT_MS = 2_000;
const LINE_CHARS_MAX = 1_000_000;
/** Dropped with a line that is too long, so that a secret across the cut does not show its first half. */
const LINE_CUT_MARGIN = 8_192;
const TRANSCRIPT_CHARS_MAX = 1_000_000;
const RECORDED_CHARS_MAX = 100_000;

/** Takes one stream of a tool: whole lines go on, so that a secret is never cut into two chunks. */
export interface LineWriter {
  readonly write: (text: string) => Promise<void>;
  /** The stream ended: what is left counts as a line. */
  readonly end: () => Promise<void>;
}

/** What is said between two moments, for a report about them. */
export interface Recording {
  /** The first command, as a person would type it; empty without one. Not masked yet. */
  readonly title: () => string;
  readonly text: () => string;
  readonly stop: () => void;
}

/**
 * The log of one unit on its way to the server: masked, in numbered chunks, one in flight. The server
 * says which number it wants next, so that a lost reply costs a repetition and never a gap.
 */
export class UnitOutput {
  readonly #unit: WorkDirspace;
  readonly #client: Pick<Client, "output"> | undefined;
  readonly #masker: Masker;
  #pending = "";
  #leftOut = 0;
  #seq = 0;
  #sending: Promise<void> | undefined;
  #closing = false;
  /** Ends the pause before the next chunk. */
  #hurry: (() => void) | undefined;
  #refused = false;
  #transcript: string[] = [];
  #transcriptChars = 0;
  #recorded: { title: string | undefined; text: string } | undefined;

  /** Without a client it is kept for the CI log alone. */
  constructor(unit: WorkDirspace, client: Pick<Client, "output"> | undefined, masker: Masker) {
    this.#unit = { dir: unit.dir, workspace: unit.workspace };
    this.#client = client;
    this.#masker = masker;
    this.#refused = client === undefined;
  }

  /** One at a time: the steps of a scope follow one another. */
  record(): Recording {
    const recorded: { title: string | undefined; text: string } = { title: undefined, text: "" };
    this.#recorded = recorded;
    return {
      title: () => recorded.title ?? "",
      text: () => recorded.text,
      stop: () => {
        this.#recorded = undefined;
      },
    };
  }

  /** Says what is run from here on. */
  async command(line: string): Promise<void> {
    const recorded = this.#recorded;
    if (recorded?.title !== undefined) return await this.say(`$ ${line}`);
    // The title says it already.
    this.#recorded = undefined;
    await this.say(`$ ${line}`);
    if (recorded !== undefined) recorded.title = line;
    this.#recorded = recorded;
  }

  writer(): LineWriter {
    let partial = "";
    let dropping = false;
    return {
      write: async (text) => {
        const at = text.lastIndexOf("\n");
        if (at < 0 && dropping) return;
        partial += dropping ? text.slice(text.indexOf("\n")) : text;
        dropping = false;
        const whole = partial.lastIndexOf("\n") + 1;
        const lines = partial.slice(0, whole);
        partial = partial.slice(whole);
        if (partial.length > LINE_CHARS_MAX) {
          await this.#append(`${lines}${cutLine(this.#masker.mask(partial))}\n`);
          partial = "";
          dropping = true;
        } else if (lines !== "") await this.#append(lines);
      },
      end: async () => {
        if (partial !== "") await this.#append(`${partial}\n`);
        partial = "";
      },
    };
  }

  /** The runner's own words between those of the tools. */
  async say(line: string): Promise<void> {
    await this.#append(`${line}\n`);
  }

  /** For the CI log, masked, with the middle left out when long. Given once: a job holds the logs of many units. */
  takeTranscript(): string {
    const all = this.#transcript.join("");
    this.#transcript = [];
    this.#transcriptChars = 0;
    return elide(this.#masker.mask(all), TRANSCRIPT_CHARS_MAX);
  }

  /** Sends what is left, for at most this long; later chunks go on in the background. */
  async close(waitMs: number): Promise<void> {
    this.#closing = true;
    this.#hurry?.();
    this.#kick();
    await within(waitMs, this.#sent());
  }

  async #sent(): Promise<void> {
    while (this.#sending !== undefined) await this.#sending;
  }

  async #append(text: string): Promise<void> {
    const shown = this.#takeMaskCommands(text);
    this.#remember(shown);
    if (this.#refused) return;
    if (this.#pending.length + shown.length > PENDING_CHARS_MAX) {
      await within(ROOM_WAIT_MS, this.#sent());
    }
    if (this.#pending.length + shown.length > PENDING_CHARS_MAX) {
      this.#leftOut += shown.length;
      return;
    }
    if (this.#leftOut > 0) {
      this.#pending += `… ${this.#leftOut} characters are not shown: the server took them too slowly …\n`;
      this.#leftOut = 0;
    }
    this.#pending += shown;
    this.#kick();
  }

  #takeMaskCommands(text: string): string {
    this.#masker.addAll(maskCommandsIn(text));
    return withoutMaskCommands(text);
  }

  #remember(text: string): void {
    const recorded = this.#recorded;
    if (recorded !== undefined) {
      recorded.text += text;
      if (recorded.text.length > 2 * RECORDED_CHARS_MAX) {
        recorded.text = elide(this.#masker.mask(recorded.text), RECORDED_CHARS_MAX);
      }
    }
    this.#transcript.push(text);
    this.#transcriptChars += text.length;
    if (this.#transcriptChars < 2 * TRANSCRIPT_CHARS_MAX) return;
    const kept = elide(this.#masker.mask(this.#transcript.join("")), TRANSCRIPT_CHARS_MAX);
    this.#transcript = [kept];
    this.#transcriptChars = kept.length;
  }

  #kick(): void {
    if (this.#sending !== undefined || this.#pending === "" || this.#refused) return;
    this.#sending = this.#drain().finally(() => {
      this.#sending = undefined;
      this.#kick();
    });
  }

  async #drain(): Promise<void> {
    if (!this.#closing) await this.#gathered();
    while (this.#pending !== "" && !this.#refused) {
      const [chunk, rest] = splitChunk(this.#masker.mask(this.#pending));
      this.#pending = rest;
      await this.#send(chunk);
    }
  }

  /** More comes soon, unless the end does: nobody waits for a pause in which nothing is said any more. */
  async #gathered(): Promise<void> {
    await new Promise<void>((done) => {
      const timer = setTimeout(done, FLUSH_MS);
      this.#hurry = () => {
        clearTimeout(timer);
        done();
      };
    });
    this.#hurry = undefined;
  }

  async #send(text: string): Promise<void> {
    // A server that keeps asking for another number is broken; three times is enough to follow it.
    for (let tries = 0; tries < 3; tries += 1) {
      const seq = this.#seq;
      const reply = await this.#client?.output({ unit: this.#unit, seq, text });
      if (reply?.kind !== "ok") {
        this.#refused = true;
        this.#pending = "";
        return;
      }
      this.#seq = reply.value.nextSeq;
      if (reply.value.nextSeq > seq) return;
    }
    this.#refused = true;
  }
}

/** At most one chunk's length, ended at a line where there is one; never between two halves of a character. */
export function splitChunk(text: string): readonly [string, string] {
  if (text.length <= OUTPUT_CHUNK_CHARS_MAX) return [text, ""];
  const lineEnd = text.lastIndexOf("\n", OUTPUT_CHUNK_CHARS_MAX - 1) + 1;
  let at = lineEnd > 0 ? lineEnd : OUTPUT_CHUNK_CHARS_MAX;
  const unit = text.charCodeAt(at - 1);
  if (unit >= 0xd800 && unit <= 0xdbff) at -= 1;
  return [text.slice(0, at), text.slice(at)];
}

function cutLine(line: string): string {
  return `${line.slice(0, Math.max(0, line.length - LINE_CUT_MARGIN))}… line cut …`;
}
