/**
 * Plans moves from one replica's queue to free slots of another: after a replica was added, is underused, or crashed. Only
 * queued requests are moved, as far as is known here. Pure.
 */

export interface Line<Item, Of> {
  readonly of: Of
  /** Free slots; 0 if it accepts nothing. */
  readonly free: number
  /** Movable requests, in queue order. */
  readonly waiting: readonly Item[]
}

export interface Move<Item, Of> {
  readonly item: Item
  readonly to: Of
}

/** Takes from the longest queue first. */
export function planMoves<Item, Of>(lines: readonly Line<Item, Of>[]): Move<Item, Of>[] {
  const moves: Move<Item, Of>[] = []
  const left = lines.map(({ waiting }) => [...waiting])
  for (const { of, free, waiting } of lines) {
    // A replica with a queue has no free slot.
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
