/**
 * GPT-2's spelling of bytes: every byte as one printable character, so that vocabularies can stand in text files.
 * Printable Latin-1 characters stand for themselves; the rest count up from U+0100 (space is "Ġ", newline "Ċ").
 */

const charOfByte: readonly string[] = (() => {
  const chars: string[] = []
  let moved = 0
  for (let byte = 0; byte < 256; byte++) {
    const printable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff)
    chars.push(String.fromCharCode(printable ? byte : 0x100 + moved++))
  }
  return chars
})()

const byteOfChar: ReadonlyMap<string, number> = new Map(charOfByte.map((char, byte) => [char, byte]))

export function spellBytes(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += charOfByte[byte]
  return text
}

/** Undefined if `text` contains a character that maps to no byte. */
export function readSpelling(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) {
    const byte = byteOfChar.get(text.charAt(at))
    if (byte === undefined) return undefined
    bytes[at] = byte
  }
  return bytes
}
