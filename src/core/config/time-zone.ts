import { nearest } from "../../base/nearest.ts";

/** Where a clock stands: a zone with its summer time, or an abbreviation, which has none. */
export type TimeZone =
  | { readonly kind: "iana"; readonly name: string }
  | {
      readonly kind: "offset";
      readonly abbreviation: string;
      /** East of UTC is positive. */
      readonly minutes: number;
    };

/** The abbreviations of the language, with the offsets that PostgreSQL gives them, in minutes. */
const ABBREVIATIONS: readonly (readonly [names: string, minutes: number])[] = [
  ["NUT", -660],
  ["CKT HST TAHT", -600],
  ["MART", -570],
  ["AKST GAMT", -540],
  ["AKDT PST", -480],
  ["MST PDT", -420],
  ["CST GALT MDT", -360],
  ["ACT CDT COT EASST EAST EST PET", -300],
  ["AMT AST BOT EDT GYT VET", -240],
  ["NFT NST", -210],
  ["ADT ARST ART BRA BRT CLST CLT FKST FKT GFT PMST PYST PYT UYT WGT", -180],
  ["NDT", -150],
  ["BRST FNT PMDT UYST WGST", -120],
  ["AZOT EGT FNST", -60],
  ["AZOST EGST GMT UCT UT UTC WET Z ZULU", 0],
  ["BST CET MET MEZ WAT WETDST", 60],
  ["BDST CEST CETDST EET IST MEST MESZ METDST SAST", 120],
  ["EAT EEST EETDST FET IDT MSK VOLT", 180],
  ["IRT", 210],
  ["AMST AZST AZT GEST GET MSD MUT RET SCT", 240],
  ["AFT", 270],
  ["MAWT MUST MVT PKT TFT TJT TMT UZT YEKT", 300],
  ["LKT", 330],
  ["NPT", 345],
  ["ALMT BDT BTT IOT KGST KGT OMSST OMST PKST UZST XJT YEKST", 360],
  ["MMT", 390],
  ["ALMST CXT DAVT ICT KRAST KRAT NOVST NOVT WAST", 420],
  ["AWST BNT BORT CCT HKT IRKST IRKT MYT PHT SGT ULAT WADT", 480],
  ["ACWST", 525],
  ["AWSST JAYT JST KST PWT ULAST WDT YAKST YAKT", 540],
  ["ACST CAST", 570],
  ["AEST CHUT DDUT KDT LIGT MPT PGT TRUT VLAST VLAT YAPT", 600],
  ["ACDT ACSST CADT LHST SADT", 630],
  ["AEDT AESST KOST LHDT MAGST MAGT PONT VUT", 660],
  ["ANAST ANAT FJT GILT MHT NZST NZT PETST PETT TVT WAKT WFT", 720],
  ["CHAST", 765],
  ["FJST NZDT TKT TOT", 780],
  ["CHADT", 825],
  ["LINT", 840],
];

const MINUTES: ReadonlyMap<string, number> = new Map(
  ABBREVIATIONS.flatMap(([names, minutes]) => names.split(" ").map((name) => [name, minutes])),
);

/** No name of a zone is nearly as long. */
const NAME_CHARS_MAX = 64;

/** An abbreviation such as `CET`, which is a fixed offset, or an IANA name such as `Europe/Paris`. */
export function parseTimeZone(text: string): TimeZone | undefined {
  const abbreviation = text.toUpperCase();
  const minutes = MINUTES.get(abbreviation);
  if (minutes !== undefined) return { kind: "offset", abbreviation, minutes };
  return isIanaZone(text) ? { kind: "iana", name: text } : undefined;
}

/** Whether the zone database of this machine knows the name; `+02:00` is no name. */
export function isIanaZone(name: string): boolean {
  if (name.length > NAME_CHARS_MAX || !/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** `Europe/Berlin` for `Berlin` or `Europe/Berln`. */
export function nearestZone(name: string): string | undefined {
  return nearest(name, Intl.supportedValuesOf("timeZone"));
}
