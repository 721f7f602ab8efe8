/**
 * Who goes from one replica's line to another's free places: when a replica has come, has little to do, or one died under its line.
 * Those that wait are moved and those that are computed never, as far as can be told. Pure.
 */

export interface Line<Item, Of> {
  readonly of: Of
  /** Places that nobody has; 0 of one that takes nothing. */
  readonly free: number
  /** Who could go, the first of the line first. */
  readonly waiting: readonly Item[]
}

export interface Move<Item, Of> {
  readonly item: Item
  readonly to: Of
}

/** From the longest line first. */
export function planMoves<Item, Of>(lines: readonly Line<Item, Of>[]): Move<Item, Of>[] {
  const moves: Move<Item, Of>[] = []
  const left = lines.map(({ waiting }) => [...waiting])
  for (const { of, free, waiting } of lines) {
    // Whoever has a line has no place to give.
    if (waiting.length > 0) continue
    for (let place = 0; place < free; place += 1) {
      const longest = left.reduce((most, each) => (each.length > most.length ? each : most), [])
      const item = longest.shift()
      if (item === undefined) return moves
      moves.push({ item, to: of })
    }
  }
  return moves
}
