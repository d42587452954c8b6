/** Shorter values would turn ordinary words into stars: a secret `1` must not change `count = 1`. */
const SECRET_CHARS_MIN = 4;
/** A line of a longer secret is hidden by itself from this length on: tools print keys indented. */
const SECRET_LINE_CHARS_MIN = 8;
/** Below this the middle of a base64 text is too short to be told from chance. */
const BASE64_INNER_BYTES_MIN = 12;
const STARS = "***";
const HASH_BITS_PER_CHAR = 4;
const HASHES = 2 ** (HASH_BITS_PER_CHAR * SECRET_CHARS_MIN);
/** A form of this length or more is looked up whole only where so much of it stands in the text. */
const LONG_CHARS = 16;
/** Sensitive by declaration, telling nothing, and part of too many other words. */
const PLAIN_WORDS = new Set(["true", "false", "null", "none", "default", "enabled", "disabled"]);
const SECRET_NAME =
  /SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|PRIVATE_?KEY|SEAL_?KEY|API_?KEY|ACCESS_?KEY|SSH_KEY|CREDENTIAL|WEBHOOK_URL/i;
const PROXY_NAME = /^(?:https?|all)_proxy$/i;

/**
 * Hides secrets in every text that leaves the runner: logs, results, error messages. It knows each
 * secret as it is and as JSON, URLs, base64 and hexadecimal would write it. Where secrets overlap, the
 * union is hidden, so the end of one never shows because another began before it.
 */
export class Masker {
  readonly #secrets = new Set<string>();
  readonly #forms = new Set<string>();
  /** All forms by their first characters, so that a text is read once however many secrets there are. */
  readonly #byStart = new Map<string, Bucket>();
  /** Long ones by more of them: a line of dashes begins at each of its characters like a key, and is none. */
  readonly #longByStart = new Map<string, Bucket>();
  /** Which hashes of first characters there are. Nearly all of a text is passed over by it, and nothing is allocated. */
  readonly #starts = new Uint8Array(HASHES);

  add(value: string): void {
    if (this.#secrets.has(value)) return;
    this.#secrets.add(value);
    const trimmed = value.trim();
    if (trimmed.length < SECRET_CHARS_MIN || PLAIN_WORDS.has(trimmed.toLowerCase())) return;
    for (const form of formsOf(trimmed)) this.#addForm(form);
    if (value !== trimmed) this.#addForm(value);
    const lines = trimmed.split(/\r?\n/);
    if (lines.length === 1) return;
    for (const line of lines.map((part) => part.trim())) {
      if (line.length < SECRET_LINE_CHARS_MIN) continue;
      for (const form of formsOf(line)) this.#addForm(form);
    }
  }

  addAll(values: Iterable<string>): void {
    for (const value of values) this.add(value);
  }

  mask(text: string): string {
    if (this.#forms.size === 0) return text;
    let out = "";
    let shown = 0;
    let hiddenFrom = -1;
    let hiddenTo = -1;
    let hash = 0;
    for (let last = 0; last < text.length; last += 1) {
      hash = rolled(hash, text.charCodeAt(last));
      if (this.#starts[hash] === 0) continue;
      const at = last + 1 - SECRET_CHARS_MIN;
      const end = at < 0 ? undefined : this.#matchEnd(text, at);
      if (end === undefined) continue;
      if (at < hiddenTo) {
        hiddenTo = Math.max(hiddenTo, end);
        continue;
      }
      if (hiddenFrom >= 0) {
        out += text.slice(shown, hiddenFrom) + STARS;
        shown = hiddenTo;
      }
      hiddenFrom = at;
      hiddenTo = end;
    }
    if (hiddenFrom < 0) return text;
    return out + text.slice(shown, hiddenFrom) + STARS + text.slice(hiddenTo);
  }

  #matchEnd(text: string, at: number): number | undefined {
    const long = this.#longByStart.get(text.slice(at, at + LONG_CHARS));
    const short = this.#byStart.get(text.slice(at, at + SECRET_CHARS_MIN));
    const length = lengthAt(long, text, at) ?? lengthAt(short, text, at);
    return length === undefined ? undefined : at + length;
  }

  #addForm(form: string): void {
    if (form.length < SECRET_CHARS_MIN || this.#forms.has(form)) return;
    this.#forms.add(form);
    this.#starts[hashOf(form.slice(0, SECRET_CHARS_MIN))] = 1;
    const isLong = form.length >= LONG_CHARS;
    const buckets = isLong ? this.#longByStart : this.#byStart;
    const start = form.slice(0, isLong ? LONG_CHARS : SECRET_CHARS_MIN);
    const bucket = buckets.get(start) ?? { lengths: [], forms: new Set() };
    buckets.set(start, bucket);
    bucket.forms.add(form);
    if (bucket.lengths.includes(form.length)) return;
    bucket.lengths.push(form.length);
    bucket.lengths.sort((left, right) => right - left);
  }
}

/** Of the longest form that stands there. */
function lengthAt(bucket: Bucket | undefined, text: string, at: number): number | undefined {
  return bucket?.lengths.find((each) => bucket.forms.has(text.slice(at, at + each)));
}

/** Four bits further with each character, so that the hash is of the last four and of nothing before them. */
function rolled(hash: number, unit: number): number {
  return ((hash << HASH_BITS_PER_CHAR) ^ unit) & (HASHES - 1);
}

function hashOf(start: string): number {
  let hash = 0;
  for (let at = 0; at < start.length; at += 1) hash = rolled(hash, start.charCodeAt(at));
  return hash;
}

/** Forms that begin alike. Looking up by length costs the same for ten forms as for ten thousand. */
interface Bucket {
  /** Longest first. */
  readonly lengths: number[];
  readonly forms: Set<string>;
}

/**
 * Values of an environment that must not be shown: by the name of the variable, the passwords of proxies, and everything
 * in the contexts that a CI file hands over as one JSON object. Paths to existing files are no secrets.
 */
export function environmentSecrets(
  env: Readonly<Record<string, string | undefined>>,
  isFile: (path: string) => boolean,
): string[] {
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value === "") continue;
    if (name === "SECRETS_CONTEXT") {
      secrets.push(...Object.values(contextOf(value)));
      continue;
    }
    if (PROXY_NAME.test(name)) secrets.push(passwordIn(value));
    if (!SECRET_NAME.test(name)) continue;
    if (value.startsWith("/") && isFile(value)) continue;
    secrets.push(value);
  }
  return secrets;
}

/** The password in an address, which can do without its scheme; empty where there is none. */
export function passwordIn(address: string): string {
  const text = address.includes("://") ? address : `http://${address}`;
  const password = URL.canParse(text) ? new URL(text).password : "";
  try {
    return decodeURIComponent(password);
  } catch {
    // A percent sign that begins no code stands for itself.
    return password;
  }
}

/** The string members of a JSON object, as CI systems hand over contexts; nothing for any other text. */
export function contextOf(text: string): Record<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {};
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}

function formsOf(secret: string): Set<string> {
  const json = JSON.stringify(secret).slice(1, -1);
  const url = encodeUrl(secret);
  const bytes = Buffer.from(secret, "utf8");
  const forms = new Set([
    secret,
    json,
    // Go's encoder, and with it every engine, also escapes what HTML would read.
    json.replaceAll("<", "\\u003c").replaceAll(">", "\\u003e").replaceAll("&", "\\u0026"),
    JSON.stringify(json).slice(1, -1),
    // In the text of a plan, `${` and `%{` are doubled.
    json.replace(/[$%](?=\{)/g, (sign) => sign + sign),
    url,
    url.replaceAll("%20", "+"),
    url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    bytes.toString("hex"),
  ]);
  for (const encoding of ["base64", "base64url"] as const) {
    const whole = bytes.toString(encoding);
    forms.add(whole);
    forms.add(whole.replace(/=+$/, ""));
    if (bytes.length < BASE64_INNER_BYTES_MIN) continue;
    for (const before of [0, 1, 2]) forms.add(innerBase64(bytes, before, encoding));
  }
  return forms;
}

/** What base64 makes of the secret inside a longer text, whichever of three positions it falls on. */
function innerBase64(bytes: Buffer, before: number, encoding: "base64" | "base64url"): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString(encoding)
    .replace(/=+$/, "");
  const wholeGroups = Math.floor((before + bytes.length) / 3) * 4;
  return text.slice(before === 0 ? 0 : before + 1, wholeGroups);
}

function encodeUrl(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    // Half a surrogate pair has no URL form.
    return text;
  }
}
