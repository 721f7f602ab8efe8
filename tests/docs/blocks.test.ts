import { describe, expect, it } from 'vitest'
import { allBlocks, findBlocks, markNames, placeOf } from './blocks.ts'

const page = [
  'Text.',
  '<!-- with:',
  "import { x } from 'y'",
  '-->',
  '<!-- types: needs a GPU -->',
  '```ts',
  'x()',
  '```',
  '- a list',
  '  ```sh',
  '  hadal serve',
  '  ```',
].join('\n')

describe('code blocks', () => {
  it('are found with their language, their place and the comments above', () => {
    const [first, second] = findBlocks('page.md', page)
    expect(first).toMatchObject({ line: 6, language: 'ts', code: 'x()' })
    expect([...first!.marks]).toEqual([
      ['types', 'needs a GPU'],
      ['with', "import { x } from 'y'"],
    ])
    expect(second).toMatchObject({ line: 10, language: 'sh', code: 'hadal serve' })
    expect(second!.marks.size).toBe(0)
  })

  it('must be closed', () => {
    expect(() => findBlocks('page.md', '```sh\nls')).toThrow('page.md:1: the fence is not closed')
  })

  it('of the documentation have a language that is checked, and comments that mean something there', () => {
    const checked = ['sh', 'ts', 'json', 'yaml', 'promql', 'cpp', 'text', '']
    const issues = allBlocks().flatMap((block) => [
      ...(checked.includes(block.language) ? [] : [`${placeOf(block)}: nothing checks ${block.language}`]),
      ...[...block.marks.keys()]
        .filter((name) => !markNames.get(name)?.includes(block.language))
        .map(
          (name) => `${placeOf(block)}: <!-- ${name} --> says nothing of ${block.language || 'plain'} blocks`,
        ),
    ])
    expect(issues).toEqual([])
  })
})
