import { describe, expect, it } from 'vitest'
import type { Column, Message } from './conversation.ts'
import { defaultSettings } from './settings/settings.ts'
import { add, choose, merge, pathOf, pathTo, remove, replace, settled, thinned, together } from './thread.ts'

const empty: Column = { id: 'c', settings: defaultSettings, messages: {}, chosen: {} }
const message = (id: string, parent: string, more: Partial<Message> = {}): Message => ({
  id,
  parent,
  role: 'user',
  parts: [{ type: 'text', text: id }],
  state: 'done',
  createdAt: 0,
  ...more,
})
const ids = (messages: readonly Message[]): string => messages.map(({ id }) => id).join(' ')
const two = [message('q', ''), message('a1', 'q'), message('a2', 'q'), message('f', 'a2')].reduce(add, empty)

describe('a column', () => {
  it('shows the version that was made last, and any other when it is chosen, with what followed it', () => {
    expect(ids(pathOf(two))).toBe('q a2 f')
    const first = choose(two, two.messages.a1!)
    expect(ids(pathOf(first))).toBe('q a1')
    expect(ids(pathOf(choose(first, two.messages.a2!)))).toBe('q a2 f')
    expect(ids(pathTo(first, 'f'))).toBe('q a2 f')
  })

  it('removes a message with its descendants, and selects its sibling', () => {
    const left = remove(two, 'a2')
    expect(Object.keys(left.messages)).toEqual(['q', 'a1'])
    expect(ids(pathOf(left))).toBe('q a1')
    expect(remove(left, 'q')).toMatchObject({ messages: {}, chosen: {} })
  })

  it('does not bring back what was deleted while it was being answered', () => {
    const left = remove(two, 'a2')
    expect(replace(left, message('a2', 'q'))).toBe(left)
  })

  it('keeps what both tabs wrote, and of one message the text that got further', () => {
    const mine = add(two, message('mine', 'f'))
    const partial: Message = { ...two.messages.a1!, state: 'streaming', parts: [{ type: 'text', text: '' }] }
    const theirs = add(replace(two, partial), message('theirs', 'f'))
    const both = merge(mine, theirs)
    expect(Object.keys(both.messages).sort()).toEqual(['a1', 'a2', 'f', 'mine', 'q', 'theirs'])
    expect(both.messages.a1?.state).toBe('done')
    expect(ids(pathOf(both))).toBe('q a2 f mine')
  })

  it('is written down without the probabilities of answers that are long or still come', () => {
    const token = { text: 'a', logprob: 0, bytes: [97], top: [] }
    const said = (id: string, count: number): Message =>
      message(id, 'q', { parts: [{ type: 'text', text: 'a', tokens: Array(count).fill(token) }] })
    const column = [said('short', 5), said('open', 5), said('long', 5000)].reduce(add, two)
    const whole = { id: 'x', title: 't', isRenamed: false, createdAt: 0, updatedAt: 0, columns: [column] }
    const { messages } = thinned(whole, (id) => id === 'open').columns[0]!
    expect(messages.short).toBe(column.messages.short)
    for (const id of ['open', 'long']) expect(messages[id]?.parts).toEqual([{ type: 'text', text: 'a' }])
    const other = { ...whole, title: 'Named', isRenamed: true, columns: [add(two, message('theirs', 'f'))] }
    expect(together(whole, other)).toMatchObject({ title: 'Named', isRenamed: true })
    expect(Object.keys(together(whole, other).columns[0]!.messages)).toContain('theirs')
  })

  it('of two tabs has the columns of both', () => {
    const whole = { id: 'x', title: 't', isRenamed: false, createdAt: 0, updatedAt: 0, columns: [two] }
    const other = { ...whole, columns: [two, { ...two, id: 'added there' }] }
    for (const both of [together(whole, other), together(other, whole)])
      expect(both.columns.map(({ id }) => id)).toEqual(['c', 'added there'])
  })

  it('marks an abandoned streaming answer as stopped', () => {
    const open = replace(two, { ...two.messages.f!, state: 'streaming' })
    expect(settled(open, () => false).messages.f?.state).toBe('stopped')
    expect(settled(open, () => true)).toBe(open)
  })

  it('ends where an imported tree goes round in circles', () => {
    const round: Column = {
      ...empty,
      messages: { x: message('x', 'y'), y: message('y', 'x') },
      chosen: { '': 'x', x: 'y', y: 'x' },
    }
    expect(pathOf(round).length).toBeLessThan(20_000)
    expect(pathTo(round, 'x').length).toBeLessThan(20_000)
  })
})
