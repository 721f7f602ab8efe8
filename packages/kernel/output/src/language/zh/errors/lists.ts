/** How lists and what is shared by several errors read in Chinese. */

export const indented = (items: readonly string[]): string => items.map((item) => `\n  ${item}`).join('')
export const bulleted = (items: readonly string[]): string => items.map((item) => `\n  - ${item}`).join('')
export const bracketed = (sides: readonly number[]): string => `[${sides.join(', ')}]`

/** Five of them at most. */
export const listed = (names: readonly string[]): string =>
  names.slice(0, 5).join('、') + (names.length > 5 ? ` 等 ${names.length} 个` : '')

export const schemaPlace = (path: string): string => (path === '' ? '根' : path)
export const shortPattern = (pattern: string): string =>
  pattern.length <= 80 ? pattern : `${pattern.slice(0, 80)}...`
