/** Reads standard input as bytes. */

/** Reads everything; the input need not be UTF-8. */
export async function readBytes(input: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  for await (const chunk of input) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks)
}
