/** Written in when a release is bundled; from the sources it is nobody's release. */
export const VERSION: string = process.env["TERRANE_VERSION"] ?? "development";
