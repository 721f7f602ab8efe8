/** Exact decimal representations of doubles, without exponents. */

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

/** The value times ten to the power of `scale`, rounded down, and whether that was exact. */
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
