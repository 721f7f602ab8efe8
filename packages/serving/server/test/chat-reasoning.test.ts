/** Reasoning in chats: every way to request it, separation from the content, and restoring it for clients that drop it. */

import { describe, expect, it } from 'vitest'
import { qwen, r1, toolCall, weatherTool } from './chat-models.ts'
import { chat, chunksOf, post, serve, user } from './serving.ts'

const thought = '<think>\nFour.\n</think>\n\n4'

describe('reasoning', () => {
  it('is returned alongside the content, and its tokens are counted', async () => {
    const { server } = serve({ reply: thought, model: qwen })
    const { json } = await chat(server, user('2 + 2?'))
    expect(json().choices[0]!.message).toMatchObject({ content: '4', reasoning_content: 'Four.' })
    const { completion_tokens, completion_tokens_details } = json().usage
    expect(completion_tokens).toBe([...thought].length)
    expect(completion_tokens_details.reasoning_tokens).toBeGreaterThanOrEqual('Four.'.length)
    expect(completion_tokens_details.reasoning_tokens).toBeLessThan(completion_tokens)
  })

  it('is streamed first, after an empty piece of it', async () => {
    const { server } = serve({ reply: 'Four.\n</think>\n\n4', model: r1 })
    const chunks = chunksOf((await chat(server, { ...user('2 + 2?'), stream: true })).body)
    const deltas = chunks.map(({ choices }) => choices[0]!.delta)
    expect(deltas[0]).toEqual({ role: 'assistant', content: null, refusal: null, reasoning_content: '' })
    expect(deltas[1]).toEqual({ content: null, reasoning_content: 'F' })
    expect(deltas.map((delta) => delta.reasoning_content ?? '').join('')).toBe('Four.')
    expect(deltas.map((delta) => delta.content ?? '').join('')).toBe('4')
    const firstOfAnswer = deltas.findIndex((delta) => delta.content)
    expect(deltas.slice(firstOfAnswer).some((delta) => delta.reasoning_content)).toBe(false)
  })

  it('has log-probabilities of its own', async () => {
    const { server } = serve({ reply: 'No.</think>4', model: r1 })
    const requested = { ...user('2 + 2?'), logprobs: true }
    const { logprobs } = (await chat(server, requested)).json().choices[0]!
    expect(logprobs!.content!.map(({ token }) => token).join('')).toBe('4')
    expect(logprobs!.reasoning_content!.map(({ token }) => token).join('')).toContain('No.')
  })

  it('is left in the content with reasoning_format "none"', async () => {
    const { server } = serve({ reply: thought, model: qwen })
    const { json } = await chat(server, { ...user('2 + 2?'), reasoning_format: 'none' })
    expect(json().choices[0]!.message.content).toBe(thought)
  })

  it.each([
    [{ thinking: { type: 'disabled' } }],
    [{ enable_thinking: false }],
    [{ chat_template_kwargs: { enable_thinking: false } }],
    [{ reasoning_effort: 'none' }],
    [{ thinking_budget: 0 }],
  ])('is turned off by %j', async (fields) => {
    const { server, engine } = serve({ reply: '4', model: qwen })
    expect((await chat(server, { ...user('2 + 2?'), ...fields })).status).toBe(200)
    expect(engine.seen[0]!.prompt).toMatch(/<think>\n\n<\/think>\n\n$/)
  })

  it('is as the operator set it where the request does not say', async () => {
    const off = serve({ reply: '4', model: qwen }, { defaults: { chat: { thinking: false } } })
    await chat(off.server, user('2 + 2?'))
    await chat(off.server, { ...user('2 + 2?'), thinking: { type: 'enabled' } })
    const prompts = off.engine.seen.map(({ prompt }) => prompt)
    expect(prompts.map((prompt) => prompt.endsWith('<think>\n\n</think>\n\n'))).toEqual([true, false])
    const short = serve({ reply: '4', model: qwen }, { defaults: { chat: { thinkingBudget: 9 } } })
    await chat(short.server, user('2 + 2?'))
    await chat(short.server, { ...user('2 + 2?'), thinking_budget: 64 })
    await chat(short.server, { ...user('2 + 2?'), enable_thinking: false })
    const budgets = short.engine.seen.map(({ request }) => request.thinking?.budget)
    expect(budgets).toEqual([9, 64, undefined])
  })

  it.each([
    [{ thinking: { type: 'enabled', budget_tokens: 64 } }],
    [{ thinking_budget_tokens: 64 }],
    [{ thinking_budget: 64 }],
    [{ reasoning_budget: 64 }],
  ])('is limited by %j', async (fields) => {
    const { server, engine } = serve({ reply: '4', model: qwen })
    expect((await chat(server, { ...user('2 + 2?'), ...fields })).status).toBe(200)
    expect(engine.seen[0]!.request.thinking).toMatchObject({ budget: 64, start: '<think>' })
  })

  it('without a limit has none', async () => {
    const { server, engine } = serve({ reply: '4', model: qwen })
    await chat(server, { ...user('2 + 2?'), reasoning_effort: 'high', thinking_budget: -1 })
    expect(engine.seen[0]!.request).not.toHaveProperty('thinking')
  })

  it.each(['reasoning_content', 'reasoning'])('of earlier turns is taken as %s', async (field) => {
    const { server, engine } = serve({ reply: '4', model: qwen })
    const { status } = await chat(server, {
      messages: [
        { role: 'user', content: '2 + 2?' },
        { role: 'assistant', content: '4', [field]: 'It is four.' },
        { role: 'user', content: 'Sure?' },
      ],
    })
    expect(status).toBe(200)
    expect(engine.seen[0]!.prompt).toContain('It is four.')
  })
})

describe('reasoning before a tool call', () => {
  const reply = `<think>\nLook it up.\n</think>\n\n${toolCall('get_weather', { place: 'Bergen' })}`
  const keys = ['sk-one', 'sk-two']
  const turn = (id: string, message: object = {}): object => ({
    tools: [weatherTool],
    messages: [
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id, type: 'function', function: { name: 'get_weather', arguments: '{}' } }],
        ...message,
      },
      { role: 'tool', tool_call_id: id, content: 'rain' },
    ],
  })
  const path = '/v1/chat/completions'
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
  /** Runs a tool call with the first key, then builds the next request. */
  const called = async (stream: boolean, fields: object = {}) => {
    const { server, engine } = serve({ reply, model: qwen }, { apiKeys: keys })
    const first = await post(
      server,
      path,
      { ...user('Weather?'), tools: [weatherTool], stream, ...fields },
      bearer(keys[0]!),
    )
    const id = /"tool_calls":\[\{[^}]*"id":"([^"]+)"/.exec(first.body)![1]!
    const prompt = async (body: object, key = keys[0]!): Promise<string> => {
      expect((await post(server, path, body, bearer(key))).status).toBe(200)
      return engine.seen.at(-1)!.prompt
    }
    const ask = async <Answer>(route: string, body: object, key = keys[0]!): Promise<Answer> =>
      (await post<Answer>(server, route, body, bearer(key))).json()
    return { id, prompt, ask }
  }

  it.each([true, false])('is restored for a client that drops it (streamed: %s)', async (stream) => {
    const { id, prompt } = await called(stream)
    expect(await prompt(turn(id))).toContain('Look it up.')
    expect(await prompt(turn(id, { reasoning_content: '' }))).toContain('Look it up.')
    expect(await prompt(turn(id, { reasoning_content: 'My own.' }))).not.toContain('Look it up.')
    expect(await prompt(turn('call_unknown'))).not.toContain('Look it up.')
  })

  it('is restored, too, where the prompt is only counted or shown', async () => {
    const { id, prompt, ask } = await called(false)
    const { length } = await prompt(turn(id))
    const counted = await ask<{ input_tokens: number }>(`${path}/input_tokens`, turn(id))
    expect(counted.input_tokens).toBe(length)
    const others = await ask<{ input_tokens: number }>(`${path}/input_tokens`, turn(id), keys[1])
    expect(others.input_tokens).toBeLessThan(length)
    const shown = await ask<{ prompt: string }>('/apply-template', turn(id))
    expect(shown.prompt).toContain('Look it up.')
    const ofResponses = await ask<{ input_tokens: number }>('/v1/responses/input_tokens', {
      tools: [{ type: 'function', ...weatherTool.function }],
      input: [
        { role: 'user', content: 'Weather?' },
        { type: 'function_call', call_id: id, name: 'get_weather', arguments: '{}' },
        { type: 'function_call_output', call_id: id, output: 'rain' },
      ],
    })
    expect(ofResponses.input_tokens).toBe(length)
    const ofAnthropic = await ask<{ input_tokens: number }>('/v1/messages/count_tokens', {
      tools: [
        {
          name: 'get_weather',
          description: weatherTool.function.description,
          input_schema: weatherTool.function.parameters,
        },
      ],
      messages: [
        { role: 'user', content: 'Weather?' },
        { role: 'assistant', content: [{ type: 'tool_use', id, name: 'get_weather', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'rain' }] },
      ],
    })
    expect(ofAnthropic.input_tokens).toBe(length)
  })

  it('is not shared with another key, nor with another user of the same key', async () => {
    const { id, prompt } = await called(false)
    expect(await prompt(turn(id), keys[1])).not.toContain('Look it up.')
    expect(await prompt({ ...turn(id), user_id: 'ann' })).not.toContain('Look it up.')
    const ann = await called(false, { user_id: 'ann' })
    expect(await ann.prompt({ ...turn(ann.id), user_id: 'ann' })).toContain('Look it up.')
    expect(await ann.prompt({ ...turn(ann.id), user_id: 'bob' })).not.toContain('Look it up.')
  })
})
