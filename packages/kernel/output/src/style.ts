/** Colour: on terminals unless NO_COLOR is set; always with FORCE_COLOR. */

export interface Style {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
  readonly cyan: (text: string) => string
}

export function wantsColor(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0'
  return isTerminal && env.TERM !== 'dumb'
}

export function createStyle(inColor: boolean): Style {
  const paint =
    (on: number, off: number) =>
    (text: string): string =>
      inColor ? `\u001b[${on}m${text}\u001b[${off}m` : text
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  }
}

/** In terminal columns, without the escapes that `createStyle` adds. */
export function visibleLength(text: string): number {
  const bare = text.replace(/\u001b\[\d+m/g, '')
  if (/^[ -~]*$/.test(bare)) return bare.length
  let columns = 0
  for (const character of bare) columns += isWide.test(character) ? 2 : takesNone.test(character) ? 0 : 1
  return columns
}

/** CJK characters and punctuation, full-width forms, and emoji. */
export const isWide: RegExp =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u
const takesNone = /[\p{Mn}\p{Me}\p{Cf}]/u
