/** Bounds of a number. */

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

/** The intersection. */
export function intersectBounds(a: NumberBounds, b: NumberBounds): NumberBounds {
  const [low, high] = [a.min >= b.min ? a : b, a.max <= b.max ? a : b]
  return {
    integer: a.integer || b.integer,
    min: low.min,
    max: high.max,
    minExclusive: low.minExclusive || (a.min === b.min && b.minExclusive),
    maxExclusive: high.maxExclusive || (a.max === b.max && b.maxExclusive),
  }
}

export function isWithin(bounds: NumberBounds, value: number): boolean {
  return (
    (!bounds.integer || Number.isInteger(value)) &&
    (bounds.minExclusive ? value > bounds.min : value >= bounds.min) &&
    (bounds.maxExclusive ? value < bounds.max : value <= bounds.max)
  )
}
