/** A few lines at the bottom of a terminal, redrawn in place, and permanent lines above them. */

import type { Clock } from '@hadal/base'

export interface LiveBlock {
  /** Redraws the block, unless it was drawn just now. */
  draw(lines: () => readonly string[]): void
  /** Writes permanent lines above the block. */
  print(text: string, lines: () => readonly string[]): void
  /** Leaves the block as `lines` permanently; later output goes below. */
  settle(lines: () => readonly string[]): void
}

/** Ten frames per second are enough to read. */
const frameMillis = 100

/** The cursor stays below the block, so output after the process ends begins on a new line. */
export function liveBlock(write: (text: string) => unknown, clock: Clock): LiveBlock {
  let height = 0
  let drawnAt = Number.NEGATIVE_INFINITY
  /** One write per frame. Lines are overwritten, not cleared first, to avoid flicker. */
  const frame = (above: readonly string[], block: readonly string[]): void => {
    const up = height > 0 ? `\r\u001b[${height}A` : ''
    const text = [...above, ...block].map((line) => `${line}\u001b[K\n`).join('')
    write(`${up}${text}\u001b[J`)
    height = block.length
    drawnAt = clock.now()
  }
  return {
    draw(lines) {
      if (clock.now() - drawnAt >= frameMillis) frame([], lines())
    },
    print: (text, lines) => frame(text.split('\n'), lines()),
    settle(lines) {
      frame([], lines())
      height = 0
    },
  }
}
