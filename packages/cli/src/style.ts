/** Colour where it is wanted: on a terminal, unless NO_COLOR is set; everywhere when FORCE_COLOR is. */

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

/** Without the escapes that `createStyle` adds. */
export function visibleLength(text: string): number {
  return text.replace(/\u001b\[\d+m/g, '').length
}
