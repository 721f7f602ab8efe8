/** The few colours of a run's display. */

export type Look = 'bold' | 'dim' | 'red' | 'yellow' | 'cyan'

/** Wraps a text in the escape codes of a style; returns it unchanged if colours are off. */
export type Paint = (text: string, look?: Look) => string

const codes: Readonly<Record<Look, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  yellow: [33, 39],
  cyan: [36, 39],
}

export const plain: Paint = (text) => text

export const inColor: Paint = (text, look) =>
  look === undefined || text === '' ? text : `\u001b[${codes[look][0]}m${text}\u001b[${codes[look][1]}m`

/** Colours are on for a terminal unless NO_COLOR is set (no-color.org). */
export const paintFor = (isLive: boolean, env: Readonly<Record<string, string | undefined>>): Paint =>
  isLive && !env.NO_COLOR ? inColor : plain
