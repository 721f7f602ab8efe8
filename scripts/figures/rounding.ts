/** Figures of docs/concepts/quantisation.md: values through the same encoders that write GGUF files, and back. */

import { normal, seededRandom } from '@hadal/batching'
import { byteCount, decodeFloats, encodeTensor, type FloatType } from '@hadal/formats'
import { type Color, lineChart, rectangle, svg, text } from './chart.ts'

function rounded(values: Float32Array, type: FloatType): Float32Array {
  const bytes = encodeTensor({ name: 'figure', shape: [values.length], type, data: values })
  return decodeFloats('figure', type, bytes)
}

/** Values that rise evenly, before and after. */
export function staircase(): string {
  const ramp = Float32Array.from({ length: 31 * 16 }, (_, at) => -1 + (2 * at) / (31 * 16 - 1))
  // Neighbours share a scale: each block of 32 begins with -1, so that all have the same.
  const dealt = Float32Array.from({ length: 32 * 16 }, (_, at) =>
    at % 32 === 0 ? -1 : ramp[((at % 32) - 1) * 16 + Math.floor(at / 32)]!,
  )
  const types: readonly (readonly [FloatType, string, Color])[] = [
    ['Q4_0', 'Q4_0: 16 levels for 32 neighbours', 'orange'],
    ['Q8_0', 'Q8_0: 255 levels for 32 neighbours', 'blue'],
  ]
  return lineChart({
    title: 'What is left of a value: the steps of 4 and of 8 bits',
    x: { title: 'weight', ticks: [-1, -0.5, 0, 0.5, 1] },
    y: { title: 'weight after rounding', ticks: [-1, -0.5, 0, 0.5, 1] },
    lines: types.map(([type, name, color]) => {
      const out = rounded(dealt, type)
      const points = [...dealt].map((value, at) => [value, out[at]!] as const)
      return { name, color, points: points.sort((a, b) => a[0] - b[0]) }
    }),
    height: 380,
  })
}

/** How far normally distributed weights are off, and with a few large ones among them. */
export function roundingErrors(): string {
  const random = seededRandom(7)
  const plain = Float32Array.from({ length: 65_536 }, () => 0.02 * normal(random))
  const outliers = plain.map((value, at) => (at % 400 === 0 ? value * 12 : value))
  const types: readonly FloatType[] = ['BF16', 'Q8_0', 'Q6_K', 'Q4_K', 'Q4_0']
  const parts: string[] = []
  const [left, wide, row] = [150, 420, 46]
  const most = Math.max(...types.map((type) => errorOf(outliers, type)))
  for (const [at, type] of types.entries()) {
    const y = 44 + at * row
    const bits = (8 * byteCount(type, [plain.length])!) / plain.length
    parts.push(
      text(0, y + 13, type, { weight: 600 }),
      text(0, y + 29, `${Number(bits.toFixed(2))} bits a weight`),
    )
    for (const [line, values, color] of [
      [0, plain, 'blue'],
      [1, outliers, 'orange'],
    ] as const) {
      const error = errorOf(values, type)
      parts.push(
        rectangle(left, y + line * 17, Math.max(1, (error / most) * wide), 13, color),
        text(left + (error / most) * wide + 8, y + line * 17 + 11, `${(100 * error).toPrecision(2)} %`),
      )
    }
  }
  const y = 50 + types.length * row
  parts.push(
    rectangle(left, y, 13, 13, 'blue'),
    text(left + 20, y + 11, 'normally distributed'),
    rectangle(left + 190, y, 13, 13, 'orange'),
    text(left + 210, y + 11, 'the same, one in 400 twelve times as large'),
  )
  return svg(y + 24, 'How far weights are off after rounding, in the root mean square of themselves', parts)
}

/** Error of values that are not outliers: those that a large neighbour hurts. */
function errorOf(values: Float32Array, type: FloatType): number {
  const out = rounded(values, type)
  let [error, size] = [0, 0]
  for (const [at, value] of values.entries()) {
    if (at % 400 === 0) continue
    error += (out[at]! - value) ** 2
    size += value ** 2
  }
  return Math.sqrt(error / size)
}
