import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRow } from './parse-row.ts'

const say = (row: unknown, fields = {}) => parseRow(JSON.stringify(row), fields)
const hello = { role: 'user', content: 'hello' }
const answer = { role: 'assistant', content: 'hi' }

describe('parseRow', () => {
  it('reads texts and conversations, under the names that were given', () => {
    expect(say({ text: 'a', id: 1 })).toEqual({ document: { text: 'a' } })
    expect(say({ body: 'a' }, { textField: 'body' })).toEqual({ document: { text: 'a' } })
    const messages = [hello, answer]
    expect(say({ messages, text: 'ignored' })).toEqual({ document: { messages } })
    expect(say({ chat: messages, tools: [{}] }, { messagesField: 'chat' })).toEqual({
      document: { messages, tools: [{}] },
    })
  })

  it('keeps what else messages hold, for the template', () => {
    const messages = [
      { role: 'user', content: [{ type: 'text', text: 'weather?' }] },
      { role: 'assistant', content: null, tool_calls: [{ function: { name: 'weather', arguments: {} } }] },
      { role: 'tool', content: 'sun', name: 'weather' },
      { ...answer, reasoning_content: 'hm' },
    ]
    expect(say({ messages, tools: null })).toEqual({ document: { messages } })
  })

  it.each([
    ['{"text": ', /not valid JSON: Unexpected end of JSON input/],
    ['[1]', /each row must be a JSON object, got a list/],
    ['null', /each row must be a JSON object, got null/],
    ['3', /each row must be a JSON object, got the number 3/],
    ['{}', /the row has neither text nor messages; found nothing/],
    ['{"txt": 1}', /the row has neither text nor messages; found "txt"/],
    ['{"text": 3}', /text must be a string, got the number 3/],
    ['{"text": ""}', /text is empty/],
    ['{"messages": {}}', /messages must be a list, got an object/],
    ['{"messages": []}', /messages is empty/],
    ['{"messages": ["hi"]}', /messages\[0\] must be an object, got the string "hi"/],
    ['{"messages": [{"content": "hi"}]}', /messages\[0\]\.role must be a string, got missing/],
    ['{"messages": [{"role": "user"}]}', /messages\[0\]\.content is missing/],
    [
      '{"messages": [{"role": "user", "content": 4}]}',
      /messages\[0\]\.content must be a string or a list of parts, got the number 4/,
    ],
    [
      '{"messages": [{"role": "user", "content": "x"}]}',
      /messages needs at least one assistant message to train on/,
    ],
    [
      '{"messages": [{"role": "assistant", "content": "x"}], "tools": 1}',
      /tools must be a list, got the number 1/,
    ],
  ])('says what is wrong with %s', (line, why) => {
    expect(parseRow(line)).toEqual({ issue: expect.stringMatching(why) })
  })

  it('returns a document or an issue for any line, and never throws', () => {
    const row = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc
        .record({ text: fc.jsonValue(), messages: fc.jsonValue() }, { requiredKeys: [] })
        .map((x) => JSON.stringify(x)),
      fc
        .record({ messages: fc.array(fc.record({ role: fc.jsonValue(), content: fc.jsonValue() })) })
        .map((x) => JSON.stringify(x)),
    )
    fc.assert(
      fc.property(row, (line) => {
        const parsed = parseRow(line)
        if ('issue' in parsed) {
          expect(parsed.issue).not.toBe('')
          return
        }
        const { document } = parsed
        if ('text' in document) expect(document.text.length).toBeGreaterThan(0)
        else expect(document.messages.some(({ role }) => role === 'assistant')).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('bears every prefix and every damaged byte of a good row', () => {
    const good = JSON.stringify({ messages: [hello, answer] })
    for (let at = 0; at < good.length; at += 1) {
      expect(parseRow(good.slice(0, at))).toHaveProperty('issue')
      for (const other of ['{', '"', '\\', '0', '\u0000', ']'])
        expect(() => parseRow(good.slice(0, at) + other + good.slice(at + 1))).not.toThrow()
    }
  })
})
