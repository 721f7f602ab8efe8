/** Tools in chats: the prompt, constraints, parsed calls, and results. */

import type { ChatChunk } from '@hadal/protocol'
import { describe, expect, it } from 'vitest'
import { qwen, toolCall, weatherTool } from './chat-models.ts'
import { chat, chunksOf, serve, user } from './serving.ts'

const call = toolCall('get_weather', { place: 'Bergen' })
const requested = { ...user('Weather in Bergen?'), tools: [weatherTool] }
const timeTool = { type: 'function', function: { name: 'get_time' } }

const callsIn = (chunks: readonly ChatChunk[]) => {
  const calls: { id: string; name: string; arguments: string }[] = []
  for (const { choices } of chunks)
    for (const { index, id, function: part } of choices[0]?.delta.tool_calls ?? []) {
      calls[index] ??= { id: id!, name: part.name!, arguments: '' }
      calls[index]!.arguments += part.arguments
    }
  return calls
}

describe('a chat with tools', () => {
  it('passes the tools to the model, and returns its call', async () => {
    const { server, engine } = serve({ reply: call, model: qwen })
    const { status, json } = await chat(server, requested)
    expect(status).toBe(200)
    const [choice] = json().choices
    expect(choice).toEqual({
      index: 0,
      message: {
        role: 'assistant',
        content: null,
        refusal: null,
        annotations: [],
        tool_calls: [
          {
            index: 0,
            id: expect.stringMatching(/^\w{9,}$/),
            type: 'function',
            function: { name: 'get_weather', arguments: expect.any(String) },
          },
        ],
      },
      logprobs: null,
      finish_reason: 'tool_calls',
    })
    expect(JSON.parse(choice!.message.tool_calls![0]!.function.arguments)).toEqual({ place: 'Bergen' })
    expect(engine.seen[0]!.prompt).toContain('"description": "The weather at a place."')
  })

  it('streams the call: its name, then its arguments in pieces', async () => {
    const { server } = serve({ reply: `Let me look.\n${call}`, model: qwen })
    const chunks = chunksOf((await chat(server, { ...requested, stream: true })).body)
    expect(chunks[0]!.choices[0]!.delta).toEqual({ role: 'assistant', content: null, refusal: null })
    const text = chunks.map(({ choices }) => choices[0]!.delta.content ?? '').join('')
    expect(text.trim()).toBe('Let me look.')
    const deltas = chunks.flatMap(({ choices }) => choices[0]!.delta.tool_calls ?? [])
    expect(deltas[0]).toEqual({
      index: 0,
      id: expect.any(String),
      type: 'function',
      function: { name: 'get_weather', arguments: '' },
    })
    expect(deltas.length).toBeGreaterThan(3)
    for (const delta of deltas.slice(1))
      expect(delta).toEqual({ index: 0, function: { arguments: expect.any(String) } })
    expect(JSON.parse(callsIn(chunks)[0]!.arguments)).toEqual({ place: 'Bergen' })
    expect(chunks.at(-1)!.choices[0]).toMatchObject({ delta: {}, finish_reason: 'tool_calls' })
  })

  it('gives several calls apart', async () => {
    const { server } = serve({ reply: `${call}\n${toolCall('get_time', {})}`, model: qwen })
    const both = { ...requested, tools: [weatherTool, timeTool] }
    const whole = (await chat(server, both)).json().choices[0]!.message.tool_calls!
    expect(whole.map(({ function: { name } }) => name)).toEqual(['get_weather', 'get_time'])
    expect(new Set(whole.map(({ id }) => id)).size).toBe(2)
    const streamed = callsIn(chunksOf((await chat(server, { ...both, stream: true })).body))
    expect(streamed.map(({ name }) => name)).toEqual(['get_weather', 'get_time'])
  })

  it('may be answered in words', async () => {
    const { server } = serve({ reply: 'It rains.', model: qwen })
    const [choice] = (await chat(server, requested)).json().choices
    expect(choice).toMatchObject({ message: { content: 'It rains.' }, finish_reason: 'stop' })
    expect(choice!.message).not.toHaveProperty('tool_calls')
  })

  it('is held to calls where one is required or named, and to none with "none"', async () => {
    const { server, engine } = serve({ reply: call, model: qwen })
    const grammarWith = async (fields: object): Promise<string | undefined> => {
      const { status, body } = await chat(server, { ...requested, tools: [weatherTool, timeTool], ...fields })
      expect(status, body).toBe(200)
      return engine.seen.at(-1)!.request.grammar?.gbnf
    }
    const required = await grammarWith({ tool_choice: 'required' })
    expect(required).toContain('get_weather')
    expect(required).toContain('get_time')
    const named = await grammarWith({ tool_choice: { type: 'function', function: { name: 'get_time' } } })
    expect(named).toContain('get_time')
    expect(named).not.toContain('get_weather')
    const allowed = await grammarWith({
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'get_weather' } }] },
      },
    })
    expect(allowed).not.toContain('get_time')
    expect(await grammarWith({ tool_choice: 'none' })).toBeUndefined()
    const strict = { ...weatherTool, function: { ...weatherTool.function, strict: true } }
    expect(await grammarWith({ tools: [strict] })).toContain('get_weather')
  })

  it('takes the results of calls, in the order and the words of the model', async () => {
    const { server, engine } = serve({ reply: 'Rain.', model: qwen })
    const { status } = await chat(server, {
      tools: [weatherTool],
      messages: [
        { role: 'user', content: 'Weather in Bergen?' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            {
              id: 'call_1',
              type: 'function',
              function: { name: 'get_weather', arguments: '{"place":"Bergen"}' },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: '{"rain": true}' }] },
      ],
    })
    expect(status).toBe(200)
    const { prompt } = engine.seen[0]!
    expect(prompt).toContain('{"name": "get_weather", "arguments": {"place": "Bergen"}}')
    expect(prompt.indexOf('{"rain": true}')).toBeGreaterThan(prompt.indexOf('"place": "Bergen"}}'))
  })

  it('are used when the legacy functions field is empty', async () => {
    const { server } = serve({ reply: toolCall('get_weather', { place: 'Bergen' }), model: qwen })
    const { json } = await chat(server, { ...user('Weather?'), functions: [], tools: [weatherTool] })
    expect(json().choices[0]!.message).toHaveProperty('tool_calls')
  })

  it('in the legacy form are passed and called as functions', async () => {
    const { server } = serve({ reply: call, model: qwen })
    const older = { ...user('Weather?'), functions: [weatherTool.function], function_call: 'auto' }
    const [choice] = (await chat(server, older)).json().choices
    expect(choice!.finish_reason).toBe('function_call')
    expect(choice!.message).toMatchObject({
      content: null,
      function_call: { name: 'get_weather', arguments: expect.stringContaining('Bergen') },
    })
    expect(choice!.message).not.toHaveProperty('tool_calls')
    const chunks = chunksOf((await chat(server, { ...older, stream: true })).body)
    const pieces = chunks.flatMap(({ choices }) => choices[0]!.delta.function_call ?? [])
    expect(pieces[0]).toEqual({ name: 'get_weather', arguments: '' })
    expect(JSON.parse(pieces.map((piece) => piece.arguments).join(''))).toEqual({ place: 'Bergen' })
    expect(chunks.at(-1)!.choices[0]!.finish_reason).toBe('function_call')
    const answered = await chat(server, {
      functions: [weatherTool.function],
      messages: [
        { role: 'user', content: 'Weather?' },
        { role: 'assistant', content: null, function_call: { name: 'get_weather', arguments: '{}' } },
        { role: 'function', name: 'get_weather', content: 'rain' },
      ],
    })
    expect(answered.status).toBe(200)
  })

  it('is refused where its fields contradict each other, by the field', async () => {
    const { server } = serve({ reply: call, model: qwen })
    const unknownName = { type: 'function', function: { name: 'get_tide' } }
    for (const [param, fields] of [
      ['tool_choice', { tools: [], tool_choice: 'required' }],
      ['tool_choice.function.name', { tool_choice: unknownName }],
      [
        'tool_choice.allowed_tools.tools[0].function.name',
        {
          tool_choice: {
            type: 'allowed_tools',
            allowed_tools: { mode: 'auto', tools: [unknownName] },
          },
        },
      ],
      ['functions', { functions: [weatherTool.function], tools: [weatherTool] }],
      [
        'function_call.name',
        { tools: null, functions: [weatherTool.function], function_call: { name: 'get_tide' } },
      ],
      ['tools[0].type', { tools: [{ type: 'retrieval' }] }],
      ['tools[0].function.name', { tools: [{ type: 'function', function: { description: 'no name' } }] }],
      [
        'tools[0].function.parameters',
        {
          tools: [
            {
              type: 'function',
              function: { name: 'f', strict: true, parameters: { properties: { a: { type: 'hiccup' } } } },
            },
          ],
        },
      ],
    ] as const) {
      const { status, body } = await chat(server, { ...requested, ...fields })
      expect([status, JSON.parse(body).error?.param], body).toEqual([400, param])
    }
  })
})
