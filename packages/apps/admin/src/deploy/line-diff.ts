/** Line diff with context. Pure. Source: E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986). */

import type { DiffHunk, DiffLine } from '@hadal/protocol'

/** Lines around a change that stay to be read. */
const around = 3
/** Beyond this many differences, everything between the first and last is shown as replaced, because the time is quadratic. */
const maxDifferences = 1500

export interface LineDiff {
  readonly added: number
  readonly removed: number
  readonly hunks: readonly DiffHunk[]
  readonly isCut: boolean
}

/** Returns at most `maxLines` lines; the counts cover all. */
export function lineDiff(before: string, after: string, maxLines: number): LineDiff {
  const lines = diffLines(linesOf(before), linesOf(after))
  const count = (kind: DiffLine['kind']): number => lines.filter((line) => line.kind === kind).length
  return { added: count('added'), removed: count('removed'), ...hunksOf(lines, maxLines) }
}

const linesOf = (text: string): readonly string[] => {
  if (text === '') return []
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
}

function diffLines(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1
  let end = 0
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end += 1
  const same = (text: string): DiffLine => ({ kind: 'same', text })
  return [
    ...before.slice(0, start).map(same),
    ...middle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same),
  ]
}

/** Forward search that records the furthest points of each step, then backtracks. */
function middle(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const whole = [
    ...before.map((text): DiffLine => ({ kind: 'removed', text })),
    ...after.map((text): DiffLine => ({ kind: 'added', text })),
  ]
  if (before.length === 0 || after.length === 0) return whole
  const most = Math.min(maxDifferences, before.length + after.length)
  const furthest = new Int32Array(2 * most + 3)
  const at = (diagonal: number): number => diagonal + most + 1
  const steps: Int32Array[] = []
  for (let step = 0; step <= most; step += 1) {
    steps.push(furthest.slice(at(-step) - 1, at(step) + 2))
    for (let diagonal = -step; diagonal <= step; diagonal += 2) {
      const goesDown =
        diagonal === -step || (diagonal !== step && furthest[at(diagonal - 1)]! < furthest[at(diagonal + 1)]!)
      let x = goesDown ? furthest[at(diagonal + 1)]! : furthest[at(diagonal - 1)]! + 1
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x += 1
      furthest[at(diagonal)] = x
      if (x >= before.length && x - diagonal >= after.length) return wayBack(before, after, steps)
    }
  }
  return whole
}

function wayBack(
  before: readonly string[],
  after: readonly string[],
  steps: readonly Int32Array[],
): readonly DiffLine[] {
  const lines: DiffLine[] = []
  let [x, y] = [before.length, after.length]
  for (let step = steps.length - 1; step >= 0; step -= 1) {
    const kept = steps[step]!
    const furthest = (diagonal: number): number => kept[diagonal + step + 1]!
    const diagonal = x - y
    const goesDown =
      diagonal === -step || (diagonal !== step && furthest(diagonal - 1) < furthest(diagonal + 1))
    const from = goesDown ? diagonal + 1 : diagonal - 1
    const fromX = step === 0 ? 0 : furthest(from)
    const fromY = fromX - (step === 0 ? 0 : from)
    while (x > fromX && y > fromY) {
      x -= 1
      y -= 1
      lines.push({ kind: 'same', text: before[x]! })
    }
    if (step === 0) break
    if (goesDown) lines.push({ kind: 'added', text: after[--y]! })
    else lines.push({ kind: 'removed', text: before[--x]! })
  }
  return lines.reverse()
}

function hunksOf(lines: readonly DiffLine[], maxLines: number): Pick<LineDiff, 'hunks' | 'isCut'> {
  const shown = new Uint8Array(lines.length)
  for (const [index, { kind }] of lines.entries())
    if (kind !== 'same') shown.fill(1, Math.max(0, index - around), index + around + 1)
  const hunks: { beforeLine: number; afterLine: number; lines: DiffLine[] }[] = []
  let [beforeLine, afterLine, reported, isOpen] = [1, 1, 0, false]
  for (const [index, line] of lines.entries()) {
    if (shown[index] === 1) {
      if (reported === maxLines) return { hunks, isCut: true }
      if (!isOpen) hunks.push({ beforeLine, afterLine, lines: [] })
      hunks.at(-1)!.lines.push(line)
      reported += 1
    }
    isOpen = shown[index] === 1
    if (line.kind !== 'added') beforeLine += 1
    if (line.kind !== 'removed') afterLine += 1
  }
  return { hunks, isCut: false }
}
