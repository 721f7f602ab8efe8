import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lineDiff } from './line-diff.ts'

const reported = (before: string, after: string): string =>
  lineDiff(before, after, 1000)
    .hunks.map(({ beforeLine, afterLine, lines }) =>
      [
        `@${beforeLine},${afterLine}`,
        ...lines.map(({ kind, text }) => `${{ same: ' ', added: '+', removed: '-' }[kind]}${text}`),
      ].join('\n'),
    )
    .join('\n')

describe('lineDiff', () => {
  it('returns changed lines with their context', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\nh\n'
    expect(reported(before, 'a\nb\nc\nd\nE\nf\ng\nh\n')).toBe('@2,2\n b\n c\n d\n-e\n+E\n f\n g\n h')
    expect(reported(before, before)).toBe('')
    expect(reported('', 'x\ny\n')).toBe('@1,1\n+x\n+y')
    expect(reported('x\n', '')).toBe('@1,1\n-x')
  })

  it('begins another hunk where enough is the same between two changes', () => {
    const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`)
    const after = lines.map((line, index) => (index === 2 || index === 25 ? `${line}!` : line))
    const { hunks, added, removed } = lineDiff(lines.join('\n'), after.join('\n'), 1000)
    expect(hunks.map(({ beforeLine, lines: { length } }) => [beforeLine, length])).toEqual([
      [1, 7],
      [23, 8],
    ])
    expect([added, removed]).toEqual([2, 2])
  })

  it('limits the number of lines returned, but counts all of them', () => {
    const text = Array.from({ length: 500 }, (_, index) => String(index)).join('\n')
    expect(lineDiff('', text, 100)).toMatchObject({ added: 500, isCut: true })
    expect(lineDiff('', text, 100).hunks[0]!.lines).toHaveLength(100)
  })

  it('makes the other text of either, and no shorter way exists where few lines differ', () => {
    const line = fc.constantFrom('a', 'b', 'c', 'd')
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), fc.array(line, { maxLength: 40 }), (before, after) => {
        const { hunks, added, removed } = lineDiff(before.join('\n'), after.join('\n'), 10_000)
        const lines = hunks.flatMap((hunk) => hunk.lines)
        // Common subsequence by the table that is too large for real texts.
        const table = Array.from({ length: before.length + 1 }, () => new Array(after.length + 1).fill(0))
        for (let i = 1; i <= before.length; i += 1)
          for (let j = 1; j <= after.length; j += 1)
            table[i]![j] =
              before[i - 1] === after[j - 1]
                ? table[i - 1]![j - 1] + 1
                : Math.max(table[i - 1]![j], table[i]![j - 1])
        const common = table[before.length]![after.length]
        expect([added, removed]).toEqual([after.length - common, before.length - common])
        for (const [kind, whole] of [
          ['removed', before],
          ['added', after],
        ] as const) {
          const rebuilt = [...whole]
          for (const hunk of hunks) {
            const own = hunk.lines.filter((each) => each.kind === 'same' || each.kind === kind)
            const from = kind === 'removed' ? hunk.beforeLine : hunk.afterLine
            expect(rebuilt.slice(from - 1, from - 1 + own.length)).toEqual(own.map(({ text }) => text))
          }
        }
        expect(lines.length).toBeGreaterThanOrEqual(added + removed)
      }),
    )
  })

  it('ends soon where everything is otherwise', () => {
    const before = Array.from({ length: 20_000 }, (_, index) => `a${index}`).join('\n')
    const after = Array.from({ length: 20_000 }, (_, index) => `b${index}`).join('\n')
    expect(lineDiff(before, after, 10)).toMatchObject({ added: 20_000, removed: 20_000, isCut: true })
  })
})
