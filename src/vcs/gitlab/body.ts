/** The text of an answer, undefined when it is longer than `bytesMax`: whoever answers must not fill our memory. */
export async function readBody(response: Response, bytesMax: number): Promise<string | undefined> {
  const { body } = response;
  if (body === null) return "";
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body as AsyncIterable<Uint8Array>) {
    length += part.byteLength;
    // Leaving the loop cancels the stream.
    if (length > bytesMax) return undefined;
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}
