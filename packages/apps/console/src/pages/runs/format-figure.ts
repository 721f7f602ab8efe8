/** Formats training metrics, from 1e-9 to 1e12: at most four digits, with an exponent below 1e-3 and from 1e6. */
export function formatFigure(value: number | undefined | null): string {
  if (value === undefined || value === null || !Number.isFinite(value)) return '–'
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size < 1e-3 || size >= 1e6)
    return value
      .toExponential(2)
      .replace(/\.?0*e/, 'e')
      .replace('e+', 'e')
  return String(Number(value.toPrecision(4)))
}

/** `5.8 M`: of parameters, tokens and operations. */
export function formatLarge(value: number | undefined | null): string {
  if (value === undefined || value === null || !Number.isFinite(value)) return '–'
  const units = ['', ' k', ' M', ' G', ' T', ' P', ' E']
  let power = 0
  while (power < units.length - 1 && Math.abs(value) >= 1000 ** (power + 1)) power += 1
  return `${Number((value / 1000 ** power).toPrecision(3))}${units[power]}`
}
