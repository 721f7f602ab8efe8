/**
 * Numbers within bounds as the language of their decimal digits. Exact: no double is ever compared, only digits. Written
 * without exponents, leading zeros or "-0".
 */

import { codePoints, codePointsOf } from './code-points.ts'
import { either, emptyText, inSequence, type Language, setOf, times, word } from './language.ts'

export interface NumberBounds {
  readonly integer: boolean
  readonly min: number
  readonly max: number
  readonly minExclusive: boolean
  readonly maxExclusive: boolean
}

export const unbounded: NumberBounds = {
  integer: false,
  min: Number.NEGATIVE_INFINITY,
  max: Number.POSITIVE_INFINITY,
  minExclusive: false,
  maxExclusive: false,
}

/** A double tells any two decimals of this many significant digits apart. */
const significantDigits = 15
/** Magnitudes that no bound limits stay below ten to this power. */
const openDigits = 18
/** More digits than this after the point are never written. */
const maxFraction = 60

/**
 * Every number within the bounds; where they are not whole, to as many digits as doubles can tell apart: more of them after
 * the point the fewer stand before it.
 */
export function numberLanguage(given: NumberBounds): Language {
  const bounds = roundedInwards(given)
  if (bounds.min === Number.POSITIVE_INFINITY || bounds.max === Number.NEGATIVE_INFINITY) return either()
  if (bounds.integer) return either(...rangeWithin(bounds, 0, undefined, undefined))
  const parts = [...magnitudesOf(bounds, 1n), ...magnitudesOf(bounds, -1n)]
  if (parts.length > 0) return either(...parts)
  // Too narrow for that many digits: what is left are the bounds themselves.
  const ends = [bounds.minExclusive ? [] : [bounds.min], bounds.maxExclusive ? [] : [bounds.max]].flat()
  return either(...ends.filter((end) => isWithin(bounds, end)).map((end) => word(plainDecimal(end))))
}

/** The numbers of one sign, by how many digits stand before the point. */
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
    // None of these is close to a bound, however it is rounded.
    const decimals = inSequence(setOf(codePointsOf('.')), anyDigits(1, significantDigits))
    const whole = inSequence(digitSet(1, 9), anyDigits(0, significantDigits - 1), either(decimals, emptyText))
    parts.push(sign === 1n ? whole : inSequence(setOf(codePointsOf('-')), whole))
  } else {
    for (let digits = 1; digits <= significantDigits; digits++)
      parts.push(...between(significantDigits - digits, top / 10n, top - 1n))
  }
  return [...parts, ...beyond]
}

/** Numbers in units of ten to minus `scale`, within the bounds and from `from` to `to`; empty when there is none. */
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

/**
 * Beyond the whole numbers that doubles tell apart, what lies next to an excluded bound could be read as the bound. Infinite
 * where nothing lies beyond it.
 */
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

export function isWithin(bounds: NumberBounds, value: number): boolean {
  return (
    (!bounds.integer || Number.isInteger(value)) &&
    (bounds.minExclusive ? value > bounds.min : value >= bounds.min) &&
    (bounds.maxExclusive ? value < bounds.max : value <= bounds.max)
  )
}

/** A finite number in decimal notation without an exponent. */
export function plainDecimal(value: number): string {
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(
    String(value),
  )!
  const shift = Number(exponent)
  const digits = whole! + fraction
  const point = whole!.length + shift
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return `${sign}${digits}${'0'.repeat(point - digits.length)}`
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}

/** The value times ten to `scale`, rounded down; and whether anything was lost by that. */
export function scaledFloor(
  value: number,
  scale: number,
): { readonly floor: bigint; readonly exact: boolean } {
  const written = plainDecimal(value)
  const [whole, fraction = ''] = written.replace('-', '').split('.')
  const kept = BigInt(whole! + fraction.slice(0, scale).padEnd(scale, '0'))
  const exact = /^0*$/.test(fraction.slice(scale))
  if (!written.startsWith('-')) return { floor: kept, exact }
  return { floor: exact ? -kept : -kept - 1n, exact }
}

/** How many zeros stand between the point and the first other digit of the bound that is closest to zero. */
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
  // A bound far out limits nothing that is worth writing; one that is open ends somewhere all the same.
  const lowest = (high ?? 0n) < -open ? atLeast(high! * 10n, -largest) : -open
  low = low === undefined ? lowest : atLeast(low, lowest)
  const highest = low > open ? atMost(low * 10n, largest) : open
  high = high === undefined ? highest : atMost(high, highest)
  return [low, high]
}

const atMost = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const atLeast = (a: bigint, b: bigint): bigint => (a > b ? a : b)

const digitSet = (from: number, to: number): Language => setOf(codePoints([0x30 + from, 0x30 + to]))
const anyDigits = (min: number, max: number): Language => times(digitSet(0, 9), min, max)

/** All decimals from `low` to `high`, both in units of ten to minus `scale`. */
function scaledRange(low: bigint, high: bigint, scale: number): Language {
  const parts: Language[] = []
  if (low < 0n) {
    const most = -low
    const least = high < 0n ? -high : 1n
    parts.push(inSequence(setOf(codePointsOf('-')), magnitudes(least, most, scale)))
  }
  if (high >= 0n) parts.push(magnitudes(low < 0n ? 0n : low, high, scale))
  return either(...parts)
}

function magnitudes(low: bigint, high: bigint, scale: number): Language {
  const unit = 10n ** BigInt(scale)
  const lowWhole = low / unit
  const highWhole = high / unit
  const lowFraction = fractionText(low % unit, scale)
  const highFraction = fractionText(high % unit, scale)
  const nines = '9'.repeat(scale)
  const zeros = '0'.repeat(scale)
  const at = (whole: bigint, from: string, to: string): Language =>
    inSequence(word(String(whole)), fractionsBetween(from, to))
  if (lowWhole === highWhole) return at(lowWhole, lowFraction, highFraction)

  const parts: Language[] = []
  let first = lowWhole
  let last = highWhole
  if (lowFraction !== zeros) parts.push(at(first++, lowFraction, nines))
  if (highFraction !== nines) parts.push(at(last--, zeros, highFraction))
  if (first <= last) parts.push(inSequence(wholesBetween(first, last), fractionsBetween(zeros, nines)))
  return either(...parts)
}

function fractionText(value: bigint, scale: number): string {
  return scale === 0 ? '' : String(value).padStart(scale, '0')
}

/** The point and digits after it, or nothing where all digits may be zero. */
function fractionsBetween(low: string, high: string): Language {
  if (low === '') return emptyText
  const written = inSequence(setOf(codePointsOf('.')), digitsBetween(low, high, true))
  return /^0*$/.test(low) ? either(written, emptyText) : written
}

/** Digits that, filled up with zeros, lie between two texts of equal length. `first`: at least one digit has to stand. */
function digitsBetween(low: string, high: string, first = false): Language {
  if (low === '') return emptyText
  const length = low.length
  if (/^0*$/.test(low) && /^9*$/.test(high)) return anyDigits(first ? 1 : 0, length)
  const a = Number(low[0])
  const b = Number(high[0])
  const parts: Language[] = []
  if (a === b) {
    parts.push(inSequence(digitSet(a, a), digitsBetween(low.slice(1), high.slice(1))))
  } else {
    parts.push(inSequence(digitSet(a, a), digitsBetween(low.slice(1), '9'.repeat(length - 1))))
    if (b - a > 1) parts.push(inSequence(digitSet(a + 1, b - 1), anyDigits(0, length - 1)))
    parts.push(inSequence(digitSet(b, b), digitsBetween('0'.repeat(length - 1), high.slice(1))))
  }
  if (!first && /^0*$/.test(low)) parts.push(emptyText)
  return either(...parts)
}

/** Whole numbers from `low` to `high`, neither negative. */
function wholesBetween(low: bigint, high: bigint): Language {
  const parts: Language[] = []
  for (let from = low; from <= high; ) {
    const length = String(from).length
    const ceiling = 10n ** BigInt(length) - 1n
    const to = high < ceiling ? high : ceiling
    parts.push(sameLength(String(from), String(to)))
    from = to + 1n
  }
  return either(...parts)
}

function sameLength(low: string, high: string): Language {
  if (low === '') return emptyText
  const rest = low.length - 1
  if (/^0*$/.test(low) && /^9*$/.test(high)) return anyDigits(low.length, low.length)
  const a = Number(low[0])
  const b = Number(high[0])
  if (a === b) return inSequence(digitSet(a, a), sameLength(low.slice(1), high.slice(1)))
  const parts: Language[] = []
  const lowIsZeros = /^0*$/.test(low.slice(1))
  const highIsNines = /^9*$/.test(high.slice(1))
  const from = lowIsZeros ? a : a + 1
  const to = highIsNines ? b : b - 1
  if (!lowIsZeros) parts.push(inSequence(digitSet(a, a), sameLength(low.slice(1), '9'.repeat(rest))))
  if (from <= to) parts.push(inSequence(digitSet(from, to), anyDigits(rest, rest)))
  if (!highIsNines) parts.push(inSequence(digitSet(b, b), sameLength('0'.repeat(rest), high.slice(1))))
  return either(...parts)
}
