import { expect, it } from 'vitest'
import { decodeNamedCharacterReference } from './named-characters.ts'
import { type BlockNode, parsePiece } from './parse-piece.ts'

function nodes(text: string, isRest = false): string[] {
  const found: string[] = []
  const walk = (node: BlockNode): void => {
    const isMath = 'data' in node && (node.data as { isMath?: boolean } | undefined)?.isMath === true
    found.push('value' in node ? `${isMath ? 'math' : node.type}:${node.value}` : node.type)
    if ('children' in node) for (const child of node.children) walk(child as BlockNode)
  }
  for (const node of parsePiece(text, isRest).children) walk(node)
  return found
}

it('HTML is text', () => {
  expect(nodes('<b>x</b>')).toEqual(['paragraph', 'text:<b>x</b>'])
  expect(nodes('<script>\nalert(1)\n</script>')).toEqual(['paragraph', 'text:<script>\nalert(1)\n</script>'])
})

it.each([
  ['$a_1 * b_2 * c$', 'math:$a_1 * b_2 * c$'],
  ['$$x^2 \\$ y$$', 'math:$$x^2 \\$ y$$'],
  ['\\(a_b\\)', 'math:\\(a_b\\)'],
  ['\\[\na_b\n= c\n\\]', 'math:\\[\na_b\n= c\n\\]'],
])('mathematics stays as it was written: %s', (text, math) => {
  expect(nodes(text)).toEqual(['paragraph', math])
})

it.each(['$5 and $10', 'costs $5, or 7 $', '\\(open', '$ x $', 'a\\*b'])(
  'is not taken for mathematics: %s',
  (text) => {
    expect(nodes(text).some((node) => node.startsWith('math'))).toBe(false)
  },
)

it('lines below text are no heading, and moved text is no code', () => {
  expect(nodes('Text\n---')).toEqual(['paragraph', 'text:Text', 'thematicBreak'])
  expect(nodes('    moved')).toEqual(['paragraph', 'text:moved'])
})

it('the rest of a paragraph begins no block', () => {
  expect(nodes('# not *a* head', true)).toEqual([
    'paragraph',
    'text:# not ',
    'emphasis',
    'text:a',
    'text: head',
  ])
  expect(nodes('- not an item', true)).toEqual(['paragraph', 'text:- not an item'])
})

it('names of characters are read from a list, and nothing else is', () => {
  expect(decodeNamedCharacterReference('mdash')).toBe('—')
  for (const name of ['constructor', '__proto__', 'nothing'])
    expect(decodeNamedCharacterReference(name)).toBe(false)
})
