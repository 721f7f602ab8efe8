/** Numbers within bounds as a language of decimal digits. Exact: compares digits, never doubles. No exponents, leading zeros or "-0". */

import { codePointsOf } from './code-points.ts'
import { plainDecimal, scaledFloor } from './decimals.ts'
import { anyDigits, digitSet, scaledRange } from './digit-ranges.ts'
import { either, emptyText, inSequence, type Language, setOf, word } from './language.ts'
import { isWithin, type NumberBounds } from './number-bounds.ts'

/** Doubles distinguish any two decimals with this many significant digits. */
const significantDigits = 15
/** Unbounded magnitudes are limited to ten to this power. */
const openDigits = 18
/** Maximum digits after the point. */
const maxFraction = 60

/**
 * All numbers within the bounds; for non-integers, with as many digits as doubles distinguish: the fewer before the point, the more after
 * it.
 */
export function numberLanguage(given: NumberBounds): Language {
  const bounds = roundedInwards(given)
  if (bounds.min === Number.POSITIVE_INFINITY || bounds.max === Number.NEGATIVE_INFINITY) return either()
  if (bounds.integer) return either(...rangeWithin(bounds, 0, undefined, undefined))
  const parts = [...magnitudesOf(bounds, 1n), ...magnitudesOf(bounds, -1n)]
  if (parts.length > 0) return either(...parts)
  // Too narrow for that many digits: only the bounds themselves are left.
  const ends = [bounds.minExclusive ? [] : [bounds.min], bounds.maxExclusive ? [] : [bounds.max]].flat()
  return either(...ends.filter((end) => isWithin(bounds, end)).map((end) => word(plainDecimal(end))))
}

/** Numbers of one sign, by number of integer digits. */
function magnitudesOf(bounds: NumberBounds, sign: 1n | -1n): readonly Language[] {
  const between = (scale: number, from: bigint, to: bigint | undefined): readonly Language[] => {
    if (sign === 1n) return rangeWithin(bounds, scale, from, to)
    return rangeWithin(bounds, scale, to === undefined ? undefined : -to, from === 0n ? -1n : -from)
  }
  const top = 10n ** BigInt(significantDigits)
  const zeros = leadingZeros(bounds)
  const parts = [...between(zeros + significantDigits, 0n, top - 1n)]
  for (let fewer = zeros - 1; fewer >= 0; fewer--)
    parts.push(...between(fewer + significantDigits, top / 10n, top - 1n))
  const beyond = between(0, top, undefined)
  const furthest = sign === 1n ? bounds.max : -bounds.min
  const nearest = sign === 1n ? bounds.min : -bounds.max
  if (nearest < 1 && furthest > 10 ** significantDigits) {
    // None of these rounds to a bound.
    const decimals = inSequence(setOf(codePointsOf('.')), anyDigits(1, significantDigits))
    const whole = inSequence(digitSet(1, 9), anyDigits(0, significantDigits - 1), either(decimals, emptyText))
    parts.push(sign === 1n ? whole : inSequence(setOf(codePointsOf('-')), whole))
  } else {
    for (let digits = 1; digits <= significantDigits; digits++)
      parts.push(...between(significantDigits - digits, top / 10n, top - 1n))
  }
  return [...parts, ...beyond]
}

/** Numbers in units of ten to the power of minus `scale`, within the bounds and from `from` to `to`; empty if there are none. */
function rangeWithin(
  bounds: NumberBounds,
  scale: number,
  from: bigint | undefined,
  to: bigint | undefined,
): readonly Language[] {
  const [least, most] = scaledBounds(bounds, scale)
  const low = from === undefined || from < least ? least : from
  const high = to === undefined || to > most ? most : to
  return low <= high ? [scaledRange(low, high, scale)] : []
}

/** Beyond the precision of doubles, a neighbour of an excluded bound could be parsed as the bound. Infinite if nothing lies beyond it. */
function roundedInwards(bounds: NumberBounds): NumberBounds {
  const isFar = (bound: number): boolean =>
    Number.isFinite(bound) && Math.abs(bound) >= Number.MAX_SAFE_INTEGER
  const above = (bound: number): number =>
    bound < Number.MAX_VALUE
      ? Math.min(Number.MAX_VALUE, bound + Math.abs(bound) * Number.EPSILON)
      : Number.POSITIVE_INFINITY
  const minMoves = bounds.minExclusive && isFar(bounds.min)
  const maxMoves = bounds.maxExclusive && isFar(bounds.max)
  return {
    integer: bounds.integer,
    min: minMoves ? above(bounds.min) : bounds.min,
    minExclusive: bounds.minExclusive && !minMoves,
    max: maxMoves ? -above(-bounds.max) : bounds.max,
    maxExclusive: bounds.maxExclusive && !maxMoves,
  }
}

/** Zeros between the point and the first significant digit of the bound closest to zero. */
function leadingZeros({ min, max }: NumberBounds): number {
  const small = [min, max].map(Math.abs).filter((bound) => bound > 0 && bound < 1)
  const zeros = small.map((bound) => /^0*/.exec(plainDecimal(bound).slice(2))![0].length)
  return Math.min(maxFraction - significantDigits, Math.max(0, ...zeros))
}

function scaledBounds(bounds: NumberBounds, scale: number): [low: bigint, high: bigint] {
  const unit = 10n ** BigInt(scale)
  const open = 10n ** BigInt(openDigits) * unit - 1n
  const largest = BigInt(Number.MAX_VALUE) * unit
  let low: bigint | undefined
  let high: bigint | undefined
  if (bounds.min !== Number.NEGATIVE_INFINITY) {
    const { floor, exact } = scaledFloor(bounds.min, scale)
    low = exact && !bounds.minExclusive ? floor : floor + 1n
  }
  if (bounds.max !== Number.POSITIVE_INFINITY) {
    const { floor, exact } = scaledFloor(bounds.max, scale)
    high = exact && bounds.maxExclusive ? floor - 1n : floor
  }
  // Open or distant bounds: `openDigits` digits, or 10 times the other bound if larger.
  const lowest = (high ?? 0n) < -open ? atLeast(high! * 10n, -largest) : -open
  low = low === undefined ? lowest : atLeast(low, lowest)
  const highest = low > open ? atMost(low * 10n, largest) : open
  high = high === undefined ? highest : atMost(high, highest)
  return [low, high]
}

const atMost = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const atLeast = (a: bigint, b: bigint): bigint => (a > b ? a : b)
