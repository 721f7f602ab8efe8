import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Conversation } from '../conversation.ts'
import { defaultSettings } from '../settings/settings.ts'
import { add, pathOf } from '../thread.ts'
import { exported, imported } from './exchange.ts'

const empty = {
  id: 'c',
  settings: { ...defaultSettings, knobs: { temperature: 0, stop: ['\n'] } },
  messages: {},
  chosen: {},
}
const conversation: Conversation = {
  id: 'x',
  title: 'Capitals',
  isRenamed: true,
  createdAt: 1,
  updatedAt: 2,
  columns: [
    [
      {
        id: 'q',
        parent: '',
        role: 'user',
        parts: [{ type: 'text', text: 'Hi' }],
        state: 'done',
        createdAt: 1,
      } as const,
      {
        id: 'a',
        parent: 'q',
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Hm', millis: 5 },
          { type: 'text', text: 'Hello' },
          { type: 'tool_call', id: '1', name: 'f', arguments: '{}' },
        ],
        state: 'done',
        createdAt: 1,
        model: 'nano',
        finishReason: 'tool_calls',
      } as const,
    ].reduce(add, empty),
  ],
}
let made = 0
const newId = (): string => `new-${++made}`

describe('conversations in a file', () => {
  it('come back as they were, under ids of their own', () => {
    const { conversations } = imported(exported([conversation]), newId)
    expect(conversations).toEqual([{ ...conversation, id: expect.stringMatching(/^new-/) }])
  })

  it.each([
    ['{', 'not_json'],
    ['[]', 'not_ours'],
    ['{"format":"other"}', 'not_ours'],
    ['{"format":"hadal.conversations","version":1,"conversations":[]}', 'not_ours'],
    ['{"format":"hadal.conversations","version":2,"conversations":[{}]}', 'newer'],
  ])('are refused where they are none: %s', (text, issue) => {
    expect(imported(text, newId)).toEqual({ issue })
  })

  it('are taken apart whatever stands in them: nothing unknown gets in, nothing throws', () => {
    const odd = fc.anything({ withNullPrototype: false, maxDepth: 4 })
    const file = fc.record({
      format: fc.constant('hadal.conversations'),
      version: fc.constant(1),
      conversations: fc.array(
        fc.oneof(
          odd,
          fc.record({
            title: odd,
            columns: fc.array(
              fc.record({
                id: odd,
                settings: odd,
                messages: fc.dictionary(
                  fc.string(),
                  fc.record({
                    id: fc.string(),
                    parent: odd,
                    role: fc.constantFrom('user', 'assistant', 'tool', 'system'),
                    parts: fc.array(odd),
                    state: odd,
                    error: odd,
                  }),
                ),
                chosen: odd,
              }),
            ),
          }),
        ),
      ),
    })
    fc.assert(
      fc.property(file, (given) => {
        const { conversations = [] } = imported(JSON.stringify(given), newId)
        for (const { title, columns } of conversations) {
          expect(typeof title).toBe('string')
          for (const column of columns)
            for (const message of pathOf(column))
              expect(['done', 'failed', 'stopped']).toContain(message.state)
        }
      }),
    )
  })

  it('have moments of a calendar, columns of their own, and trees that end', () => {
    const said = (id: string, parent: string) => ({ id, parent, role: 'user', parts: [], state: 'done' })
    const column = {
      id: 'c',
      messages: Object.fromEntries(
        [
          said('b', 'a'),
          said('a', ''),
          said('round', 'circle'),
          said('circle', 'round'),
          said('constructor', 'a'),
          said('two words', 'a'),
          said('d', 'constructor'),
        ].map((each) => [each.id, each]),
      ),
      chosen: { '': 'a', a: 'b', b: 'a', round: 'circle' },
    }
    for (const moment of [1e300, -1, 8.7e15, 'now', null]) {
      const given = { title: 't', createdAt: moment, updatedAt: moment, columns: [column, column] }
      const file = { format: 'hadal.conversations', version: 1, conversations: [given] }
      const [read] = imported(JSON.stringify(file), newId).conversations ?? []
      expect(() => new Date(read!.updatedAt).toISOString()).not.toThrow()
      expect(read?.columns).toHaveLength(1)
      expect(Object.keys(read!.columns[0]!.messages)).toEqual(['a', 'b'])
      expect(pathOf(read!.columns[0]!).map(({ id }) => id)).toEqual(['a', 'b'])
    }
  })

  it('carry no message that claims to be still on its way', () => {
    const open = structuredClone(conversation) as unknown as {
      columns: { messages: Record<string, { state: string }> }[]
    }
    open.columns[0]!.messages.a!.state = 'streaming'
    const { conversations } = imported(exported([open as unknown as Conversation]), newId)
    expect(conversations?.[0]?.columns[0]?.messages.a?.state).toBe('stopped')
  })
})
