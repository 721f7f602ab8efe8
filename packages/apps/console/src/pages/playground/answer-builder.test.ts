import type { ChatChunk, ChatDelta, ChatLogprobs, Usage } from '@hadal/protocol'
import { describe, expect, it } from 'vitest'
import { AnswerBuilder } from './answer-builder.ts'
import type { Message } from './conversation.ts'

const draft: Message = { id: 'a', parent: 'q', role: 'assistant', parts: [], state: 'waiting', createdAt: 0 }
const choice = (
  delta: ChatDelta,
  logprobs: ChatLogprobs | null = null,
  finish_reason: ChatChunk['choices'][number]['finish_reason'] = null,
): ChatChunk['choices'][number] => ({ index: 0, delta, logprobs, finish_reason })
const token = (text: string): NonNullable<ChatLogprobs['content']>[number] => ({
  token: text,
  logprob: -0.1,
  bytes: [...new TextEncoder().encode(text)],
  top_logprobs: [{ token: text, logprob: -0.1, bytes: [] }],
})

describe('an answer that grows', () => {
  it('is reasoning, then text, each with its time', () => {
    const answer = new AnswerBuilder(draft, 1000)
    answer.take(choice({ role: 'assistant', content: null, reasoning_content: '' }), 1010)
    expect(answer.message.state).toBe('waiting')
    answer.take(choice({ content: null, reasoning_content: 'Let me ' }), 1020)
    answer.take(choice({ reasoning_content: 'see.' }), 1030)
    expect(answer.message.parts).toEqual([{ type: 'reasoning', text: 'Let me see.' }])
    answer.take(choice({ content: 'Four' }), 1070)
    answer.take(choice({ content: '.' }), 1080)
    answer.take(choice({}, null, 'stop'), 1081)
    answer.end('done', 1100)
    expect(answer.message).toMatchObject({
      state: 'done',
      finishReason: 'stop',
      timing: { firstTokenMillis: 20, endMillis: 100 },
      parts: [
        { type: 'reasoning', text: 'Let me see.', millis: 50 },
        { type: 'text', text: 'Four.' },
      ],
    })
  })

  it('is the same object until something comes, and its finished parts stay the same', () => {
    const answer = new AnswerBuilder(draft, 0)
    answer.take(choice({ reasoning_content: 'Hm' }), 1)
    answer.take(choice({ content: 'a' }), 2)
    const first = answer.message
    expect(answer.message).toBe(first)
    answer.take(choice({ content: 'b' }), 3)
    expect(answer.message).not.toBe(first)
    answer.take(choice({ content: 'c' }), 4)
    const later = answer.message
    answer.take(choice({ content: 'd' }), 5)
    expect(answer.message.parts[0]).toBe(later.parts[0])
    expect(first.parts[1]).toEqual({ type: 'text', text: 'a' })
  })

  it('puts calls together that come in pieces, several at a time', () => {
    const answer = new AnswerBuilder(draft, 0)
    const call = (index: number, text: string, name?: string): ChatDelta => ({
      tool_calls: [
        {
          index,
          ...(name !== undefined && { id: `c${index}` }),
          function: { ...(name !== undefined && { name }), arguments: text },
        },
      ],
    })
    answer.take(choice(call(0, '', 'first')), 1)
    answer.take(choice(call(0, '{"a":')), 2)
    answer.take(choice(call(1, '', 'second')), 3)
    answer.take(choice(call(0, '1}')), 4)
    answer.take(choice(call(1, '{}')), 5)
    expect(answer.message.parts).toEqual([
      { type: 'tool_call', id: 'c0', name: 'first', arguments: '{"a":1}' },
      { type: 'tool_call', id: 'c1', name: 'second', arguments: '{}' },
    ])
  })

  it('keeps tokens only where they are the whole text', () => {
    const answer = new AnswerBuilder(draft, 0)
    answer.take(choice({ content: 'Hi' }, { content: [token('Hi')], refusal: null }), 1)
    answer.take(choice({ content: ' you' }, { content: [token(' you')], refusal: null }), 2)
    const [part] = answer.message.parts
    expect(part).toMatchObject({ type: 'text', text: 'Hi you' })
    expect(part?.type === 'text' && part.tokens?.map(({ text }) => text).join('')).toBe('Hi you')
    const more = new AnswerBuilder({ ...draft, parts: [{ type: 'text', text: 'Half' }] }, 0)
    more.take(choice({ content: ' more' }, { content: [token(' more')], refusal: null }), 1)
    expect(more.message.parts).toEqual([{ type: 'text', text: 'Half more' }])
  })

  it('goes on with what it was', () => {
    const parts = [
      { type: 'reasoning', text: 'Hm.', millis: 5 },
      { type: 'text', text: 'One' },
    ] as const
    const answer = new AnswerBuilder({ ...draft, parts }, 0)
    answer.take(choice({ content: ', two' }), 1)
    expect(answer.message.parts).toEqual([parts[0], { type: 'text', text: 'One, two' }])
    expect(answer.message.parts[0]).toBe(parts[0])
  })

  it('keeps the content received before a failure, and accepts partial usage', () => {
    const answer = new AnswerBuilder(draft, 0)
    answer.take(choice({ content: 'Half' }), 1)
    answer.count({ prompt_tokens: 5, completion_tokens: 2 } as Usage)
    answer.end('failed', 9, { status: 0, code: 'stream_cut', message: '' })
    expect(answer.message).toMatchObject({
      state: 'failed',
      parts: [{ type: 'text', text: 'Half' }],
      usage: { promptTokens: 5, cachedTokens: 0, completionTokens: 2, reasoningTokens: 0 },
      error: { code: 'stream_cut' },
    })
  })
})
