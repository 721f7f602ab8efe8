/** A few lines at the bottom of a terminal, redrawn in place, and permanent lines above them. */

import type { Clock } from '@hadal/base'

export interface LiveBlock {
  /** Redraws the block, unless it was drawn just now. */
  draw(lines: () => readonly string[]): void
  /** Writes permanent lines above the block. */
  print(text: string, lines: () => readonly string[]): void
  /** Leaves the block as `lines` for good; what follows goes below. */
  settle(lines: () => readonly string[]): void
}

/** Ten frames a second are as many as anybody reads. */
const frameMillis = 100

/** The cursor waits below the block, so whatever ends the process begins on a line of its own. */
export function liveBlock(write: (text: string) => unknown, clock: Clock): LiveBlock {
  let height = 0
  let drawnAt = Number.NEGATIVE_INFINITY
  /** One write a frame; lines are overwritten, not cleared before, so nothing flickers. */
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
