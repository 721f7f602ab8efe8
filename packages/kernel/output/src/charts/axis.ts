/** An axis for arbitrary values: round limits and a few round ticks. */

import { niceCeiling } from './line-chart.ts'
import type { XyAxis } from './xy-chart.ts'

const steps = 4
const maxDecades = 6

/** Logarithmic axes require positive values. Linear axes include zero if it is close. */
export function axisAround(name: string, values: readonly number[], isLog = false): XyAxis {
  const usable = values.filter((value) => Number.isFinite(value) && (!isLog || value > 0))
  const [least, most] =
    usable.length === 0 ? [isLog ? 1 : 0, isLog ? 10 : 1] : [Math.min(...usable), Math.max(...usable)]
  return { name, ...(isLog ? logEnds(least, most) : linearEnds(least, most)), format: shortNumber }
}

function linearEnds(least: number, most: number): Pick<XyAxis, 'from' | 'to' | 'ticks'> {
  const isNearZero = least > 0 && least < most * 0.6
  const low = isNearZero ? 0 : least
  const size = Math.max(Math.abs(low), Math.abs(most)) || 1
  // Ignores differences too small for any label.
  const step = niceCeiling((most - low > size * 1e-6 ? most - low : size) / steps)
  const first = Math.floor(low / step + 1e-9)
  const last = Math.max(first + 1, Math.ceil(most / step - 1e-9))
  const ticks = Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  )
  return { from: ticks[0]!, to: ticks.at(-1)!, ticks }
}

function logEnds(least: number, most: number): Pick<XyAxis, 'from' | 'to' | 'ticks' | 'isLog'> {
  const within = ticksWithin(least, most)
  if (most / least <= 30 && within.length > 1)
    return {
      from: Math.min(least, within[0]!),
      to: Math.max(most, within.at(-1)!),
      ticks: within,
      isLog: true,
    }
  const first = Math.floor(Math.log10(least) + 1e-9)
  const last = Math.max(first + 1, Math.ceil(Math.log10(most) - 1e-9))
  const every = Math.ceil((last - first) / maxDecades)
  const ticks = Array.from({ length: Math.floor((last - first) / every) + 1 }, (_, index) =>
    Number(`1e${first + index * every}`),
  )
  return { from: Number(`1e${first}`), to: Number(`1e${last}`), ticks, isLog: true }
}

/** 1, 2, 5, 10, 20, if there are few decades. */
function ticksWithin(least: number, most: number): number[] {
  const ticks: number[] = []
  for (let decade = Math.floor(Math.log10(least)); decade <= Math.log10(most); decade += 1)
    for (const step of [1, 2, 5]) {
      const tick = Number(`${step}e${decade}`)
      if (tick >= least && tick <= most) ticks.push(tick)
    }
  return ticks
}

/** `0.012`, `3.4`, `12,000`, `1e-7`. */
export function shortNumber(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) return String(Number(value.toPrecision(3)).toExponential())
  if (size >= 1000) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(3)))
}
