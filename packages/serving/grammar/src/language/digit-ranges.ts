/** The decimals of a range as a regular language. */

import { codePoints, codePointsOf } from './code-points.ts'
import { either, emptyText, inSequence, type Language, setOf, times, word } from './language.ts'

export const digitSet = (from: number, to: number): Language => setOf(codePoints([0x30 + from, 0x30 + to]))
export const anyDigits = (min: number, max: number): Language => times(digitSet(0, 9), min, max)

/** All decimals from `low` to `high`, both in units of ten to the power of minus `scale`. */
export function scaledRange(low: bigint, high: bigint, scale: number): Language {
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

/** The point and fraction, optional if all digits may be zero. */
function fractionsBetween(low: string, high: string): Language {
  if (low === '') return emptyText
  const written = inSequence(setOf(codePointsOf('.')), digitsBetween(low, high, true))
  return /^0*$/.test(low) ? either(written, emptyText) : written
}

/** Digits that, padded with zeros, lie between two texts of equal length. `first`: at least one digit is required. */
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

/** Non-negative integers from `low` to `high`. */
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
