/** Contrast of both themes: text is readable, and curves are distinguishable with colour vision deficiencies. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

type Rgb = readonly [number, number, number]
type Theme = 'light' | 'dark'

const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8')

function tokensOf(theme: Theme): ReadonlyMap<string, string> {
  const block = new RegExp(`data-theme="${theme}"\\] \\{([^}]*--ground[^}]*)\\}`).exec(css)?.[1] ?? ''
  return new Map([...block.matchAll(/--([\w-]+): (#[\da-f]{6});/g)].map(([, name, value]) => [name!, value!]))
}

/** Linear light, 0 to 1; IEC 61966-2-1. */
function linear(hex: string): Rgb {
  const part = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [part(1), part(3), part(5)]
}

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(one: string, other: string): number {
  const luminance = ([r, g, b]: Rgb): number => 0.2126 * r + 0.7152 * g + 0.0722 * b
  const [a, b] = [luminance(linear(one)) + 0.05, luminance(linear(other)) + 0.05]
  return Math.max(a, b) / Math.min(a, b)
}

/** How people see that lack one kind of cone, on linear light: Machado, Oliveira and Fernandes 2009, severity 1. */
const visions: Readonly<Record<string, readonly number[]>> = {
  all: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
}

function seen(m: readonly number[], [r, g, b]: Rgb): Rgb {
  const row = (at: number): number => Math.min(1, Math.max(0, m[at]! * r + m[at + 1]! * g + m[at + 2]! * b))
  return [row(0), row(3), row(6)]
}

/** Distance in Oklab: https://bottosson.github.io/posts/oklab/. */
function distance(one: Rgb, other: Rgb): number {
  const [a, b] = [oklab(one), oklab(other)]
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
}

function oklab([r, g, b]: Rgb): Rgb {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

const grounds = ['ground', 'surface', 'raised', 'sunken', 'hover']
const pairs: readonly (readonly [text: string, ground: string])[] = [
  ...['text', 'text-soft', 'text-faint', 'accent', 'accent-strong', 'good', 'warn', 'bad'].flatMap((text) =>
    grounds.map((ground) => [text, ground] as const),
  ),
  ...['accent', 'good', 'warn', 'bad'].flatMap((tone) =>
    [tone, 'text', 'text-soft'].map((text) => [text, `${tone}-soft`] as const),
  ),
  ['accent-text', 'accent'],
  ['accent-text', 'accent-strong'],
  ['bad-text', 'bad'],
]

describe.each<Theme>(['light', 'dark'])('the colours of the %s theme', (theme) => {
  const tokens = tokensOf(theme)
  const of = (name: string): string => tokens.get(name) ?? expect.fail(`${theme} has no --${name}`)

  it('lets every text be read on every ground: 4.5 to 1 and more', () => {
    const issues = pairs
      .map(([text, ground]) => ({ text, ground, ratio: contrast(of(text), of(ground)) }))
      .filter(({ ratio }) => ratio < 4.5)
    expect(issues).toEqual([])
  })

  it('shows the borders of fields and the curves of charts: 3 to 1 and more', () => {
    const shapes = ['line-strong', ...[1, 2, 3, 4, 5, 6].map((at) => `series-${at}`)]
    const issues = shapes
      .flatMap((shape) =>
        ['surface', 'ground'].map((ground) => ({ shape, ground, ratio: contrast(of(shape), of(ground)) })),
      )
      .filter(({ ratio }) => ratio < 3)
    expect(issues).toEqual([])
  })

  it.each(Object.keys(visions))('distinguishes any two curves for users with %s', (vision) => {
    const shown = [1, 2, 3, 4, 5, 6].map((at) => seen(visions[vision]!, linear(of(`series-${at}`))))
    const distances = shown.flatMap((one, at) => shown.slice(at + 1).map((other) => distance(one, other)))
    // The palette of Okabe and Ito keeps 0.076 between its closest two: https://jfly.uni-koeln.de/color/.
    expect(Math.min(...distances)).toBeGreaterThan(0.1)
  })
})

describe('the tokens', () => {
  it('name the same colours in both themes', () => {
    expect([...tokensOf('dark').keys()]).toEqual([...tokensOf('light').keys()])
    expect(tokensOf('light').size).toBeGreaterThan(25)
  })
})
