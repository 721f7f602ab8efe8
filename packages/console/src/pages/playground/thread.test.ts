import { describe, expect, it } from 'vitest'
import type { Column, Message } from './conversation.ts'
import { defaultSettings } from './settings/settings.ts'
import { add, choose, merge, pathOf, pathTo, remove, replace, settled, versionsOf } from './thread.ts'

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
    expect(ids(versionsOf(two, two.messages.a1!))).toBe('a1 a2')
    const first = choose(two, two.messages.a1!)
    expect(ids(pathOf(first))).toBe('q a1')
    expect(ids(pathOf(choose(first, two.messages.a2!)))).toBe('q a2 f')
    expect(ids(pathTo(first, 'f'))).toBe('q a2 f')
  })

  it('loses with a message what follows it, and shows the version beside it', () => {
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

  it('calls what nobody answers any more stopped', () => {
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
