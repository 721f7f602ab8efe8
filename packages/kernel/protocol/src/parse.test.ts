import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { runs } from '../../base/test/slow-tests.ts'
import { chatRequestSchema } from './openai/chat.ts'
import { completionRequestSchema } from './openai/completions.ts'
import { parse } from './parse.ts'

const issuesOf = (schema: z.ZodType<unknown>, body: unknown): string[] => {
  const parsed = parse(schema, body)
  return parsed.ok ? [] : parsed.issues.map((issue) => `${issue.param} ${issue.message}`)
}
const messages = [{ role: 'user', content: 'hi' }]

describe('parse', () => {
  it('says everything that is wrong at once, each with its value', () => {
    const body = {
      messages: [
        { role: 'user', content: 7 },
        { role: 'robot', content: 'x' },
        { role: 'user', content: [{ type: 'image_url', image_url: {} }] },
        { role: 'tool', content: 'x' },
      ],
      temperature: 3,
      top_p: 'high',
      n: 0,
      max_tokens: 1.5,
      stop: [7],
      logit_bias: { cat: 1, 5: 200 },
      stream_options: { include_usage: true },
    }
    expect(issuesOf(chatRequestSchema, body).sort()).toEqual([
      'logit_bias.5 must be at most 100, got 200',
      'logit_bias.cat must be a token id written in digits, got "cat"',
      'max_tokens must be an integer, got 1.5',
      'messages[0].content must be a string or an array of text parts, got 7',
      'messages[1].role must be one of "system", "developer", "user", "assistant", "tool", got "robot"',
      'messages[2].content[0].type must be "text" (images, audio and files are not read here), got "image_url"',
      'messages[3].tool_call_id is required',
      'n must be at least 1, got 0',
      'stop[0] must be a string, got 7',
      'temperature must be at most 2, got 3',
      'top_p must be a number, got "high"',
    ])
  })

  it('names a missing field and a body that is no object', () => {
    expect(issuesOf(chatRequestSchema, {})).toEqual(['messages is required'])
    expect(issuesOf(chatRequestSchema, 'text')).toEqual([' must be an object, got "text"'])
    expect(issuesOf(chatRequestSchema, null)).toEqual([' must be an object, got null'])
    expect(issuesOf(chatRequestSchema, { messages: [] })).toEqual(['messages must not be empty, got []'])
  })

  it('checks fields that depend on each other', () => {
    expect(issuesOf(chatRequestSchema, { messages, stream_options: {} })).toEqual([
      'stream_options is only allowed with "stream": true',
    ])
    expect(issuesOf(chatRequestSchema, { messages, top_logprobs: 2 })).toEqual([
      'top_logprobs needs "logprobs": true',
    ])
  })

  it('takes no sampling value that llama.cpp would not', () => {
    const least = { top_k: -1, min_p: 0, repetition_penalty: 0.01, repeat_penalty: 0.01, repeat_last_n: -1 }
    const most = { top_k: 2 ** 31 - 1, min_p: 1, repetition_penalty: 10, repeat_last_n: 65_536 }
    for (const fields of [least, most])
      expect(issuesOf(chatRequestSchema, { messages, ...fields })).toEqual([])
    const beyond = {
      top_k: 2 ** 31,
      repetition_penalty: 0.001,
      repeat_penalty: 0,
      repeat_last_n: 65_537,
      mirostat: 3,
    }
    expect(issuesOf(chatRequestSchema, { messages, ...beyond }).sort()).toEqual([
      'mirostat must be one of 0, 1, 2, got 3',
      'repeat_last_n must be at most 65536, got 65537',
      'repeat_penalty must be at least 0.01, got 0',
      'repetition_penalty must be at least 0.01, got 0.001',
      'top_k must be at most 2147483647, got 2147483648',
    ])
  })

  it('takes null as absent', () => {
    const body = { messages, stop: null, temperature: null, stream: null }
    expect(parse(chatRequestSchema, body)).toEqual({ ok: true, value: { messages }, unknown: [] })
  })

  it('drops unknown fields and names them, nested ones too', () => {
    const body = {
      messages: [
        { role: 'user', content: 'hi', mood: 'sunny' },
        { role: 'user', content: [{ type: 'text', text: 'x', cache_control: {} }], __proto__: null },
      ],
      made_up_by_a_vendor: { x: 1 },
      metadata: { anything: 'goes' },
      chat_template_kwargs: { anything: 'goes' },
      tools: [{ type: 'function', function: { name: 'f', parameters: { anything: 1 }, code: '' }, more: 1 }],
      response_format: { type: 'json_schema', json_schema: { schema: { any: 1 }, nmae: 'x' } },
      tool_choice: { type: 'function', function: { name: 'f', index: 1 } },
      constructor: 1,
    }
    const parsed = parse(chatRequestSchema, body)
    expect(parsed.ok && parsed.unknown.toSorted()).toEqual([
      'constructor',
      'made_up_by_a_vendor',
      'messages[0].mood',
      'messages[1].content[0].cache_control',
      'response_format.json_schema.nmae',
      'tool_choice.function.index',
      'tools[0].function.code',
      'tools[0].more',
    ])
  })

  it('exports as JSON Schema, for the page that documents the API', () => {
    const of = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
    expect(of(chatRequestSchema).required).toEqual(['messages'])
    expect(of(completionRequestSchema).properties).toHaveProperty('dry_sequence_breakers')
  })

  it('reads every form of a completion prompt', () => {
    for (const prompt of ['a', '', ['a', 'b'], [1, 2], [[1], [2, 3]]])
      expect(parse(completionRequestSchema, { prompt })).toMatchObject({ ok: true, value: { prompt } })
    expect(issuesOf(completionRequestSchema, {})).toEqual(['prompt is required'])
    for (const prompt of [[], [[]], [1, 'a'], [1.5], [-1], ['a', 1], [[1], 'a'], {}, 5])
      expect(issuesOf(completionRequestSchema, { prompt })).toHaveLength(1)
  })

  it('refuses a body that nests too deep for those who read it, wherever it does', () => {
    const nested = (depth: number): unknown => JSON.parse(`${'{"a":['.repeat(depth)}1${']}'.repeat(depth)}`)
    for (const field of ['extra', 'tools', 'metadata', 'json_schema'])
      expect(issuesOf(chatRequestSchema, { messages, [field]: nested(5_000) })).toEqual([
        ' must nest at most 256 levels deep',
      ])
    expect(parse(chatRequestSchema, { messages, metadata: nested(100) }).ok).toBe(true)
  })

  it('refuses a body of too many values before any schema sees it, but takes a long list of tokens', () => {
    const ones = Array(100_000).fill(1)
    for (const extra of [ones, Object.fromEntries(ones.entries())])
      expect(issuesOf(chatRequestSchema, { messages, extra })).toEqual([' must hold at most 32768 values'])
    expect(parse(completionRequestSchema, { prompt: ones }, 'prompt').ok).toBe(true)
    expect(parse(completionRequestSchema, { prompt: '', stop: ones }, 'prompt').ok).toBe(false)
  })

  it('never throws, whatever the body', () => {
    const field = fc.constantFrom(
      'messages',
      'stop',
      'logit_bias',
      'n',
      'role',
      'content',
      '__proto__',
      'tools',
    )
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie('node')),
        fc.dictionary(field, tie('node')),
      ),
    })).node
    fc.assert(
      fc.property(value, (body) => {
        const parsed = parse(chatRequestSchema, body)
        if (!parsed.ok) expect(parsed.issues.length).toBeGreaterThan(0)
      }),
      { numRuns: runs(150, 500) },
    )
  })
})
