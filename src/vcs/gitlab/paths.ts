/**
 * One segment of a URL, or undefined where nothing can have that name: URLs give these two a meaning of their own, also
 * when they are encoded, and what came of it would be another call.
 */
export function segment(name: string): string | undefined {
  return name === "" || name === "." || name === ".." ? undefined : encodeURIComponent(name);
}

/** The namespace that a project stands in, however deep: never the first part of its path. */
export function ownerOf(fullName: string): string {
  return fullName.slice(0, Math.max(0, fullName.lastIndexOf("/")));
}

/** The group at the top of it. */
export function topOf(fullName: string): string {
  return fullName.split("/", 1)[0] ?? "";
}
