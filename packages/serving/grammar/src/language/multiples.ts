/**
 * Multiples of a number as a DFA over decimal digits that tracks the remainder. Exact: the divisor is used as the decimal it is written as,
 * not as a double.
 */

import type { Automaton, Edge, State } from './automaton.ts'
import { codePoints, codePointsOf } from './code-points.ts'
import { plainDecimal, scaledFloor } from './decimals.ts'

/** One state per remainder and fraction digit. */
const maxStates = 2000

/** Number of digits after the point. */
export function decimalPlaces(value: number): number {
  return plainDecimal(value).split('.')[1]?.length ?? 0
}

/** A decimal as an integer in units of ten to the power of minus `scale`. */
function decimal(value: number): { readonly units: bigint; readonly scale: number } {
  const scale = decimalPlaces(value)
  return { units: scaledFloor(value, scale).floor, scale }
}

export function isMultipleOf(value: number, divisor: number): boolean {
  const scale = Math.max(decimal(value).scale, decimal(divisor).scale)
  return scaledFloor(value, scale).floor % scaledFloor(divisor, scale).floor === 0n
}

/** Undefined if there are too many states. `divisor` must be positive. */
export function multiplesAutomaton(divisor: number): Automaton | undefined {
  const { units, scale } = decimal(divisor)
  if (units * BigInt(scale + 1) > BigInt(maxStates)) return undefined
  const modulus = Number(units)
  const states: State[] = []
  // State 0 reads the sign; then one state per remainder and number of fraction digits.
  const numberOf = (remainder: number, digits: number): number => 1 + digits * modulus + remainder
  const digitsFrom = (remainder: number, digits: number): Edge[] =>
    Array.from({ length: 10 }, (_, digit) => ({
      set: codePoints([0x30 + digit, 0x30 + digit]),
      to: numberOf((remainder * 10 + digit) % modulus, digits),
    }))
  const first = digitsFrom(0, 0)
  const afterSign = 1 + modulus * (scale + 1) + modulus
  states[0] = { accepts: false, edges: [...first, { set: codePointsOf('-'), to: afterSign }] }
  states[afterSign] = { accepts: false, edges: first }
  for (let digits = 0; digits <= scale; digits++) {
    for (let remainder = 0; remainder < modulus; remainder++) {
      // As if padded with zeros.
      const accepts = (BigInt(remainder) * 10n ** BigInt(scale - digits)) % units === 0n
      const edges = digits === scale && digits > 0 ? [] : digitsFrom(remainder, digits === 0 ? 0 : digits + 1)
      const point = { set: codePointsOf('.'), to: afterSign - modulus + remainder }
      states[numberOf(remainder, digits)] = {
        accepts,
        edges: digits === 0 && scale > 0 ? [...edges, point] : edges,
      }
    }
  }
  for (let remainder = 0; remainder < modulus; remainder++)
    states[afterSign - modulus + remainder] = {
      accepts: false,
      edges: scale > 0 ? digitsFrom(remainder, 1) : [],
    }
  return { states }
}
