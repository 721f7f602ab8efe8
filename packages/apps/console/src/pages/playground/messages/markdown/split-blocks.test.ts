import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BlockSplitter, type Piece } from './split-blocks.ts'

const split = (text: string): readonly Piece[] => new BlockSplitter().update(text)
const kinds = (text: string): string[] => split(text).map(({ kind }) => kind)

describe('pieces of Markdown', () => {
  it('end with a blank line, but not within a list', () => {
    expect(split('One\ntwo\n\nThree')).toMatchObject([{ text: 'One\ntwo\n' }, { text: 'Three\n' }])
    expect(split('- one\n\n  more\n\n- two\n\nEnd')).toHaveLength(2)
  })

  it('are code from a fence to its end, also in a list', () => {
    expect(split('Text\n```ts\na\n\nb\n```\nMore')).toMatchObject([
      { kind: 'prose' },
      { kind: 'code', language: 'ts', text: 'a\n\nb', isOpen: false, isInset: false },
      { kind: 'prose' },
    ])
    expect(split('- one\n  ~~~\n  a\n    b\n')).toMatchObject([
      { kind: 'prose' },
      { kind: 'code', text: 'a\n  b', isOpen: true, isInset: true },
    ])
    expect(split('````\n```\n````')).toMatchObject([{ kind: 'code', text: '```' }])
    expect(kinds('``` not `a` fence')).toEqual(['prose'])
  })

  it('are tables with their head in each part', () => {
    const pieces = split(`Before\n| a | b |\n|---|---|\n${'| 1 | 2 |\n'.repeat(200)}\nAfter`)
    expect(pieces[0]).toMatchObject({ kind: 'prose', text: 'Before\n' })
    expect(pieces[1]).toMatchObject({ kind: 'table', head: '| a | b |\n|---|---|\n', isRest: false })
    expect(pieces[2]).toMatchObject({ kind: 'table', head: '| a | b |\n|---|---|\n', isRest: true })
    expect(pieces.at(-1)).toMatchObject({ kind: 'prose', text: 'After\n' })
    const rows = pieces.flatMap((piece) =>
      piece.kind === 'table' ? piece.rows.split('\n').slice(0, -1) : [],
    )
    expect(rows).toHaveLength(200)
  })

  it('are small, whatever is written', () => {
    const texts = [
      'a',
      '[',
      '`',
      '*a_ ',
      '> ',
      '- ',
      '\\(',
      '$a',
      'a\n',
      '- a\n',
      '>a\n',
      '|',
      'a b. ',
      '\u{1f30a}',
      '\r',
    ]
    for (const piece of texts) {
      const pieces = split(`x ${piece.repeat(20_000)}`)
      for (const each of pieces)
        if (each.kind === 'prose' || each.kind === 'plain')
          expect(each.text.length).toBeLessThanOrEqual(2_600)
    }
    expect(kinds('> '.repeat(500))).toEqual(['plain'])
  })

  it('that are the rest of a paragraph begin no block, and break no character', () => {
    const pieces = split(`x${'\u{1f30a}'.repeat(3_000)}`)
    expect(pieces.slice(1).every((piece) => piece.kind === 'prose' && piece.isRest)).toBe(true)
    expect(pieces.every((piece) => !('text' in piece) || !/\p{Surrogate}/u.test(piece.text))).toBe(true)
  })

  it('remember where references lead, fifty of them', () => {
    const splitter = new BlockSplitter()
    splitter.update(Array.from({ length: 80 }, (_, at) => `[l${at}]: https://example.com/${at}\n`).join('\n'))
    expect(splitter.definitions.size).toBe(50)
    expect(splitter.definitions.get('l0')).toBe('[l0]: https://example.com/0')
  })

  const line = fc.constantFrom(
    'word',
    '',
    '- item',
    '  - sub',
    '```',
    '  ```js',
    '| a | b |',
    '|---|---|',
    '> quote',
    '# head',
    '[l]: https://example.com',
    'x'.repeat(3_000),
    '*'.repeat(500),
    '\r',
  )
  it('are the same whether the text comes at once or bit by bit', () => {
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 30 }),
        fc.array(fc.nat(400), { maxLength: 20 }),
        (lines, steps) => {
          const text = lines.join('\n')
          const splitter = new BlockSplitter()
          let length = 0
          for (const step of steps) {
            length = Math.min(text.length, length + step)
            splitter.update(text.slice(0, length))
          }
          expect(splitter.update(text)).toEqual(split(text))
        },
      ),
      { numRuns: 150 },
    )
  })

  it('lose no word of the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('sea', '- deep', '> trench', '```', '', 'x'.repeat(2_700)), {
          maxLength: 40,
        }),
        (lines) => {
          const all = split(lines.join('\n')).map((piece) =>
            'text' in piece ? piece.text : piece.head + piece.rows,
          )
          const words = (text: string): number => text.match(/sea|deep|trench|x/g)?.length ?? 0
          expect(words(all.join('\n'))).toBe(words(lines.join('\n')))
        },
      ),
      { numRuns: 100 },
    )
  })
})
