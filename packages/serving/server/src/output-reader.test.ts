import type { OutputPart } from '@hadal/chat'
import type { GeneratedToken, GenerateEvent } from '@hadal/engine'
import { describe, expect, it } from 'vitest'
import type { ChoiceEvent } from './generation.ts'
import { OutputReader } from './output-reader.ts'

const token = (text: string): GeneratedToken => ({ token: 0, text, bytes: [], logprob: -1, top: [] })
const delta = (...texts: string[]): Extract<GenerateEvent, { type: 'delta' }> => ({
  type: 'delta',
  text: texts.join(''),
  tokenCount: texts.length,
  tokens: texts.map((_, index) => index),
  logprobs: texts.map(token),
})
const done: Extract<GenerateEvent, { type: 'done' }> = {
  type: 'done',
  finishReason: 'stop',
  usage: { promptTokens: 1, cachedTokens: 0, completionTokens: 9 },
  timings: { queueMillis: 0, prefillMillis: 0, decodeMillis: 0 },
}

/** Result of pushing `deltas` through a parser that returns the parts at the same index, and ends with `rest`. */
function read(
  deltas: ReturnType<typeof delta>[],
  parts: OutputPart[][],
  rest: OutputPart[] = [],
): ChoiceEvent[] {
  let at = 0
  const reader = new OutputReader(0, { push: () => parts[at++]!, end: () => rest })
  return [...deltas.flatMap((each) => [...reader.delta(each)]), ...reader.done(done, 'stop')]
}
const reported = (events: ChoiceEvent[]) =>
  events.map((event) =>
    'logprobs' in event ? [event.type, event.text, event.logprobs.map(({ text }) => text)] : [event.type],
  )

describe('OutputReader', () => {
  it('gives text the tokens that wrote it, and markup none', () => {
    const events = read(
      [delta('<think>', 'No'), delta('.', '</think>'), delta('\n\n', 'Fo'), delta('ur')],
      [
        [{ type: 'reasoning', text: 'No' }],
        [{ type: 'reasoning', text: '.' }],
        [{ type: 'content', text: 'Fo' }],
        [{ type: 'content', text: 'ur' }],
      ],
    )
    expect(reported(events)).toEqual([
      ['reasoning', 'No', ['No']],
      ['reasoning', '.', ['.']],
      ['delta', 'Fo', ['Fo']],
      ['delta', 'ur', ['ur']],
      ['done'],
    ])
  })

  it('keeps tokens for text that is held back, and those after it for what follows', () => {
    const events = read(
      [delta('a', '<'), delta('b', '<tool>')],
      [
        [{ type: 'content', text: 'a' }],
        [
          { type: 'content', text: '<b' },
          { type: 'tool', index: 0, id: 'call_1', name: 'f' },
        ],
      ],
    )
    expect(reported(events)).toEqual([['delta', 'a', ['a']], ['delta', '<b', ['<', 'b']], ['tool'], ['done']])
    expect(events.at(-1)).toMatchObject({ finishReason: 'tool_calls' })
  })

  it('gives a character in pieces all that came', () => {
    const events = read([delta('\ufffd', '\ufffd')], [[]], [{ type: 'content', text: 'é' }])
    expect(reported(events)).toEqual([['delta', 'é', ['\ufffd', '\ufffd']], ['done']])
  })

  it('counts what was reasoned', () => {
    const events = read(
      [delta('<think>', 'a', 'b'), delta('</think>', 'c')],
      [[{ type: 'reasoning', text: 'ab' }], [{ type: 'content', text: 'c' }]],
    )
    expect(events.at(-1)).toMatchObject({ usage: { reasoningTokens: 3, completionTokens: 9 } })
  })
})
