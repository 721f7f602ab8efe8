import { describe, expect, it } from 'vitest'
import { matching } from './commands.ts'

const commands = ['Playground', 'Keys and usage', '深色'].map((label) => ({
  label,
  group: label === '深色' ? '主题' : 'Pages',
  onPress: () => undefined,
}))
const found = (typed: string): readonly string[] => matching(commands, typed).map(({ label }) => label)

describe('commands', () => {
  it('are all there are until something is typed', () => {
    expect(found('  ')).toHaveLength(3)
  })

  it('are found by parts of their words in any order, and by their group', () => {
    expect(found('usage KEY')).toEqual(['Keys and usage'])
    expect(found('pages')).toEqual(['Playground', 'Keys and usage'])
    expect(found('主题')).toEqual(['深色'])
    expect(found('nothing')).toEqual([])
  })
})
