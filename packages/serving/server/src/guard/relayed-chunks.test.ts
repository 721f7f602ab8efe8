import { describe, expect, it } from 'vitest'
import { readChunk, readWhole } from './relayed-chunks.ts'

describe('a chunk of another server', () => {
  it('is split into its texts, and unreadable parts are dropped', () => {
    const read = readChunk({
      id: 'x',
      choices: [
        {
          index: 1,
          token_ids: [7],
          logprobs: { content: [] },
          finish_reason: 'stop',
          delta: {
            role: 'assistant',
            reasoning_content: 'why',
            content: 'what',
            reasoning_details: [{ text: 'why' }],
            tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '{}' } }],
          },
        },
      ],
    })!
    expect(read.pieces.map(({ choice, channel, text }) => [choice, channel, text])).toEqual([
      [1, 'reasoning_content', 'why'],
      [1, 'content', 'what'],
      [1, 'arguments 0', '{}'],
    ])
    expect(read.pieces[0]!.write('so', true)).toEqual({
      id: 'x',
      choices: [
        {
          index: 1,
          logprobs: null,
          finish_reason: null,
          delta: { role: 'assistant', reasoning_content: 'so' },
        },
      ],
    })
    expect(read.pieces[2]!.write('{"a":1}', false)).toMatchObject({
      choices: [{ delta: { tool_calls: [{ id: 'c', function: { name: 'f', arguments: '{"a":1}' } }] } }],
    })
    expect(read.ends).toEqual([
      {
        choice: 1,
        chunk: { id: 'x', choices: [{ index: 1, delta: {}, logprobs: null, finish_reason: 'stop' }] },
      },
    ])
    expect(JSON.stringify(read.pieces.map((piece) => piece.write('', false)))).not.toMatch(
      /token_ids|details/,
    )
  })

  it('is read where its content is a list of parts, too', () => {
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'why' }] },
      { type: 'text', text: 'what' },
    ]
    const { pieces } = readChunk({ choices: [{ index: 0, delta: { content } }] })!
    expect(pieces.map(({ text }) => text)).toEqual(['whywhat'])
    expect(pieces[0]!.write('whywhat', false)).toMatchObject({ choices: [{ delta: { content } }] })
    expect(pieces[0]!.write('[x]', true)).toMatchObject({ choices: [{ delta: { content: '[x]' } }] })
    const [whole] = readWhole({ choices: [{ message: { content } }] })!
    expect(whole!.parts.map(({ text }) => text)).toEqual(['whywhat'])
    expect(whole!.write(['[x]'])).toMatchObject({ message: { content: '[x]' } })
  })

  it('has the log-probabilities of its text, unless they are of several', () => {
    const written = (delta: object): string => {
      const logprobs = { content: [{ token: 'what' }] }
      const { pieces } = readChunk({ choices: [{ index: 0, delta, logprobs }] })!
      return JSON.stringify(pieces.map((piece) => piece.write(piece.text, false)))
    }
    expect(written({ content: 'what', tool_calls: [] })).toContain('"token":"what"')
    expect(written({ reasoning_content: 'why', content: 'what' })).not.toContain('"token"')
    expect(written({ content: 'what', tool_calls: [{ function: { arguments: '{}' } }] })).not.toContain(
      '"token"',
    )
  })

  it('of completions has one text', () => {
    const read = readChunk({
      object: 'text_completion',
      choices: [{ index: 0, text: 'a', logprobs: { tokens: ['a'] } }],
    })!
    expect(read.pieces[0]!.write('a', false)).toMatchObject({
      choices: [{ text: 'a', logprobs: { tokens: ['a'] } }],
    })
    expect(read.pieces[0]!.write('b', true)).toMatchObject({ choices: [{ text: 'b', logprobs: null }] })
    expect(read.end(0, 'content_filter')).toMatchObject({
      choices: [{ text: '', finish_reason: 'content_filter' }],
    })
  })

  it.each([undefined, null, 3, [], {}, { choices: [] }, { usage: {} }, { choices: 'x' }])(
    'is none: %j',
    (value) => {
      expect(readChunk(value)).toBeUndefined()
    },
  )

  it.each([{ choices: [null, 3, {}, { delta: 4 }, { delta: { content: 5, tool_calls: [null, {}] } }] }])(
    'may be anything: %j',
    (value) => {
      for (const piece of readChunk(value)!.pieces) expect(piece.write(piece.text, false)).toBeDefined()
    },
  )
})

describe('a whole answer of another server', () => {
  it('is written with replaced texts, and without unreadable parts', () => {
    const [choice] = readWhole({
      choices: [
        {
          index: 0,
          finish_reason: 'stop',
          logprobs: { content: [] },
          message: {
            role: 'assistant',
            content: 'what',
            audio: { transcript: 'what' },
            tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
          },
        },
      ],
    })!
    expect(choice!.parts.map(({ text }) => text)).toEqual(['what', '{"a":1}'])
    expect(choice!.write(['what', '{"a":1}'])).toMatchObject({
      logprobs: { content: [] },
      message: { content: 'what' },
    })
    const written = choice!.write(['[x]', '{}'])
    expect(written).toEqual({
      index: 0,
      finish_reason: 'stop',
      logprobs: null,
      message: {
        role: 'assistant',
        content: '[x]',
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
    })
    expect(choice!.end('', 'content_filter')).toMatchObject({
      message: { content: '' },
      finish_reason: 'content_filter',
    })
  })
})
