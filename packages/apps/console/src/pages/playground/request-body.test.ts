import { chatRequestSchema } from '@hadal/protocol'
import { describe, expect, it } from 'vitest'
import type { Message } from './conversation.ts'
import { requestBody } from './request-body.ts'
import { defaultSettings, type Settings } from './settings/settings.ts'

const message = (role: Message['role'], parts: Message['parts'], id = role): Message => ({
  id,
  parent: '',
  role,
  parts,
  state: 'done',
  createdAt: 0,
})
const question = message('user', [{ type: 'text', text: 'Weather?' }])
const call = { type: 'tool_call', id: 'c1', name: 'get_weather', arguments: '{"city":"Oslo"}' } as const
const settings = (more: Partial<Settings>): Settings => ({ ...defaultSettings, ...more })
const body = (given: Settings, before: readonly Message[] = [question]): Record<string, unknown> => {
  const { body, issue } = requestBody(given, before, 'nano')
  expect(issue).toBeUndefined()
  expect(chatRequestSchema.safeParse(body).success).toBe(true)
  return body!
}

describe('the request of an answer', () => {
  it('says only what was set', () => {
    expect(body(defaultSettings)).toEqual({
      model: 'nano',
      messages: [{ role: 'user', content: 'Weather?' }],
    })
    const { body: unnamed } = requestBody(defaultSettings, [question], undefined)
    expect(unnamed).not.toHaveProperty('model')
  })

  it('turns knobs into what the server takes', () => {
    const knobs = {
      temperature: 0,
      mirostat: '2',
      enable_thinking: 'false',
      reasoning_effort: 'low',
      logit_bias: { '12': -5 },
      top_logprobs: 3,
      unknown: 1,
    }
    expect(body(settings({ knobs, system: 'Be brief.' }))).toEqual({
      model: 'nano',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Weather?' },
      ],
      temperature: 0,
      mirostat: 2,
      enable_thinking: false,
      reasoning_effort: 'low',
      logit_bias: { '12': -5 },
    })
    expect(body(settings({ knobs: { logprobs: true } }))).toMatchObject({ logprobs: true, top_logprobs: 5 })
  })

  it('sends calls with their answers, and neither without the other', () => {
    const calling = message('assistant', [{ type: 'reasoning', text: 'Hm.' }, call])
    const answers = message('tool', [
      { type: 'tool_result', callId: 'c1', name: 'get_weather', text: '4 °C' },
    ])
    expect(body(defaultSettings, [question, calling, answers]).messages).toEqual([
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: null,
        reasoning_content: 'Hm.',
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: '4 °C' },
    ])
    expect(body(defaultSettings, [question, calling, question]).messages).toEqual([
      { role: 'user', content: 'Weather?' },
      { role: 'user', content: 'Weather?' },
    ])
  })

  it('forgets the reasoning of older answers', () => {
    const answer = message('assistant', [
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Rain.' },
    ])
    expect(body(defaultSettings, [question, answer]).messages).toContainEqual({
      role: 'assistant',
      content: 'Rain.',
    })
  })

  it('asks for each format as the server reads it', () => {
    const format = {
      ...defaultSettings.format,
      schema: '{"type":"object"}',
      regex: 'a+',
      grammar: 'root ::= "a"',
    }
    const requested = (['json_object', 'json_schema', 'regex', 'grammar'] as const).map(
      (kind) => body(settings({ format: { ...format, kind } })).response_format,
    )
    expect(requested).toEqual([
      { type: 'json_object' },
      { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: { type: 'object' } } },
      { type: 'regex', pattern: 'a+' },
      { type: 'grammar', grammar: 'root ::= "a"' },
    ])
  })

  it('says what cannot be sent, and where it stands', () => {
    const issueOf = (more: Partial<Settings>): unknown =>
      requestBody(settings(more), [question], 'nano').issue
    const tools = { isOn: true, text: '{}', choice: 'auto' } as const
    expect(issueOf({ tools })).toMatchObject({ place: 'tools' })
    expect(issueOf({ tools: { ...tools, text: '[' } })).toMatchObject({ place: 'tools' })
    expect(issueOf({ tools: { ...tools, isOn: false } })).toBeUndefined()
    const format = { ...defaultSettings.format, schema: '{' }
    for (const [kind, place] of [
      ['json_schema', 'schema'],
      ['regex', 'regex'],
      ['grammar', 'grammar'],
    ] as const)
      expect(issueOf({ format: { ...format, kind } })).toMatchObject({ place })
    expect(issueOf({ knobs: { temperature: 9 } })).toEqual({ place: 'knob', detail: 'temperature' })
  })

  it('offers tools, and says so where one must be called', () => {
    const text = JSON.stringify([{ type: 'function', function: { name: 'f' } }])
    expect(body(settings({ tools: { isOn: true, text, choice: 'required' } }))).toMatchObject({
      tools: [{ type: 'function', function: { name: 'f' } }],
      tool_choice: 'required',
    })
  })
})
