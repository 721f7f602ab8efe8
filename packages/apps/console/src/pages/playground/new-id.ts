/** A UUID, also over plain HTTP from another machine, where browsers provide no `randomUUID`. */

export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  // RFC 9562, version 4: https://www.rfc-editor.org/rfc/rfc9562#section-5.4.
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const text = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
