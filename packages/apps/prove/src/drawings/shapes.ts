/** Ten simple shapes as pixel coverage, for use without downloads. Pure functions. */

export const shapeKinds = [
  'circle',
  'square',
  'triangle',
  'pentagon',
  'star',
  'ring',
  'plus',
  'crescent',
  'bar',
  'corner',
] as const

export type ShapeKind = (typeof shapeKinds)[number]

export interface Shape {
  readonly kind: ShapeKind
  /** Centre, in pixels. */
  readonly x: number
  readonly y: number
  /** Half of its width, in pixels. */
  readonly size: number
  /** In radians. */
  readonly angle: number
  readonly isOutline?: boolean
}

/** How much of each pixel the shape covers, 0 to 1; row-major, `side` by `side`. */
export function coverageOf(
  { kind, x, y, size, angle, isOutline = false }: Shape,
  side: number,
): Float32Array {
  const covered = new Float32Array(side * side)
  const [cos, sin] = [Math.cos(angle) / size, Math.sin(angle) / size]
  const outside = distances[kind]
  for (let row = 0; row < side; row += 1)
    for (let column = 0; column < side; column += 1) {
      const [dx, dy] = [column + 0.5 - x, row + 0.5 - y]
      const distance = outside(dx * cos + dy * sin, dy * cos - dx * sin)
      const from = isOutline ? Math.abs(distance) - outlineWidth : distance
      covered[row * side + column] = Math.min(1, Math.max(0, 0.5 - from * size))
    }
  return covered
}

/** Half of it, in sizes of the shape. */
const outlineWidth = 0.14

/** About how far outside a point is, in sizes of the shape; below zero inside. */
const distances: Readonly<Record<ShapeKind, (x: number, y: number) => number>> = {
  circle: (x, y) => Math.hypot(x, y) - 0.9,
  square: (x, y) => box(x, y, 0.78, 0.78),
  triangle: (x, y) => polygon(x, y, 3),
  pentagon: (x, y) => polygon(x, y, 5),
  star: (x, y) => {
    const turn = (Math.atan2(y, x) / (2 * Math.PI)) * 5
    return Math.hypot(x, y) - (0.4 + 1.2 * Math.abs(turn - Math.floor(turn) - 0.5))
  },
  ring: (x, y) => Math.abs(Math.hypot(x, y) - 0.7) - 0.22,
  plus: (x, y) => Math.min(box(x, y, 0.28, 0.95), box(x, y, 0.95, 0.28)),
  crescent: (x, y) => Math.max(Math.hypot(x, y) - 0.95, 0.75 - Math.hypot(x - 0.5, y)),
  bar: (x, y) => box(x, y, 1, 0.3),
  corner: (x, y) => Math.min(box(x + 0.5, y, 0.27, 0.9), box(x, y - 0.63, 0.77, 0.27)),
}

const box = (x: number, y: number, width: number, height: number): number =>
  Math.max(Math.abs(x) - width, Math.abs(y) - height)

/** Polygon with `corners` corners, one of them to the right. */
function polygon(x: number, y: number, corners: number): number {
  const sector = (2 * Math.PI) / corners
  const angle = Math.atan2(y, x) + 4 * Math.PI
  const within = (angle % sector) - sector / 2
  return Math.hypot(x, y) * Math.cos(within) - Math.cos(sector / 2)
}
