/**
 * Amounts as Kubernetes writes them: `500m`, `1.5Gi`, `2e3`. Exact: values are counted in billionths with big integers.
 */

const suffixes: Readonly<Record<string, readonly [base: bigint, power: number]>> = {
  n: [10n, -9],
  u: [10n, -6],
  m: [10n, -3],
  '': [10n, 0],
  k: [10n, 3],
  M: [10n, 6],
  G: [10n, 9],
  T: [10n, 12],
  P: [10n, 15],
  E: [10n, 18],
  Ki: [1024n, 1],
  Mi: [1024n, 2],
  Gi: [1024n, 3],
  Ti: [1024n, 4],
  Pi: [1024n, 5],
  Ei: [1024n, 6],
}

/**
 * Billionths, rounded up as the server does. Undefined: no quantity. Numbers are taken as they are written.
 *
 * @internal
 */
export function quantityOf(value: unknown): bigint | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const match = /^([+-]?)(\d+\.?\d*|\.\d+)(?:([eE][+-]?\d{1,4})|([numkMGTPE]|[KMGTPE]i)?)$/.exec(
    String(value),
  )
  if (match === null) return undefined
  const [, sign, digits, exponent, suffix = ''] = match
  const [whole = '', part = ''] = digits!.split('.')
  const [base, power] =
    exponent === undefined ? suffixes[suffix]! : ([10n, Number(exponent.slice(1))] as const)
  // The value is number / 10^shift: `1.5Gi` is 15 * 1024^3 / 10.
  let number = BigInt(whole + part) * 1_000_000_000n
  let shift = part.length
  if (power >= 0) number *= base ** BigInt(power)
  else shift -= power
  const divisor = 10n ** BigInt(shift)
  const rounded = number / divisor + (number % divisor > 0n ? 1n : 0n)
  return sign === '-' ? -rounded : rounded
}

/**
 * Whether it is a whole number of whatever it counts.
 *
 * @internal
 */
export const isWhole = (billionths: bigint): boolean => billionths % 1_000_000_000n === 0n

/**
 * In cores, bytes or pieces; undefined when it is no quantity.
 *
 * @example
 * ```ts
 * import { readQuantity } from '@hadal/fleet'
 *
 * readQuantity('500m') // → 0.5
 * readQuantity('2Gi') // → 2147483648
 * readQuantity('lots') // → undefined
 * ```
 */
export function readQuantity(given: string | number): number | undefined {
  const billionths = quantityOf(given)
  if (billionths === undefined) return undefined
  return Number(billionths / 1_000_000_000n) + Number(billionths % 1_000_000_000n) / 1e9
}
