const SUBJECT_LENGTH_MAX = 100;

/** `area: sentence` with an area that exists: a folder of the tree or of src, or a word for the whole. */
export function badSubjects(
  subjects: readonly string[],
  folders: ReadonlySet<string>,
): readonly string[] {
  return subjects.flatMap((subject) => {
    const found = /^(?<areas>[a-z0-9./-]+(?:, ?[a-z0-9./-]+)*): \S.*[^\s.]$/.exec(subject);
    if (found === null) return [`"${subject}": write "area: what changed", without a full stop`];
    if (subject.length > SUBJECT_LENGTH_MAX) {
      return [`"${subject}": at most ${SUBJECT_LENGTH_MAX} characters; the reason goes below`];
    }
    const areas = (found.groups?.["areas"] ?? "").split(/, ?/);
    const unknown = areas.filter((area) => !folders.has(area.split("/")[0] ?? ""));
    return unknown.map((area) => `"${subject}": there is no area "${area}"`);
  });
}
