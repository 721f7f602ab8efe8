/** Compares the server's responses with recorded ones of the public APIs, field by field. Every difference is listed with its reason. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { qwen, toolCall, weatherTool } from './chat-models.ts'
import { chat, chunksOf, complete, post, serve, user } from './serving.ts'

const recorded = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./recorded/${name}.json`, import.meta.url), 'utf8'))

type Fields = Readonly<Record<string, unknown>>
const kind = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value

/** `missing a.b`, `more a.b`, or `a.b is a string, not null`. Compares only the first array items. */
function differences(theirs: unknown, ours: unknown, at = ''): string[] {
  if (kind(theirs) !== kind(ours)) return [`${at} is ${kind(ours)}, not ${kind(theirs)}`]
  if (Array.isArray(theirs) && Array.isArray(ours))
    return theirs.length > 0 && ours.length > 0 ? differences(theirs[0], ours[0], `${at}[0]`) : []
  if (kind(theirs) !== 'object') return []
  const [a, b] = [theirs as Fields, ours as Fields]
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) => {
    const path = at === '' ? key : `${at}.${key}`
    if (!Object.hasOwn(b, key)) return [`missing ${path}`]
    return Object.hasOwn(a, key) ? differences(a[key], b[key], path) : [`more ${path}`]
  })
}

/** DeepSeek's cached-token counts; OpenAI has them elsewhere. */
const cacheCounts = ['more usage.prompt_cache_hit_tokens', 'more usage.prompt_cache_miss_tokens']
/** llama-server's timings. */
const timings = 'more timings'
/** OpenAI fields that an older recording or another API lacks. */
const answerFields = [
  'more service_tier',
  'more choices[0].message.refusal',
  'more choices[0].message.annotations',
]
const usageFields = [
  'more usage.prompt_tokens_details.audio_tokens',
  'more usage.completion_tokens_details.audio_tokens',
  'more usage.completion_tokens_details.accepted_prediction_tokens',
  'more usage.completion_tokens_details.rejected_prediction_tokens',
]

const call = toolCall('get_weather', { place: 'Bergen' })
const tools = { ...user('Weather?'), tools: [weatherTool] }

describe('an answer has the fields that OpenAI’s has', () => {
  const compare = (name: string, ours: unknown): string[] => differences(recorded(name), ours).sort()

  it('to a chat', async () => {
    const { server } = serve({ reply: 'Hello', model: qwen })
    const answer = (await chat(server, user('hi'))).json()
    expect(compare('openai-chat', answer)).toEqual([timings, ...cacheCounts].sort())
  })

  it('to a chat with tools', async () => {
    const { server } = serve({ reply: call, model: qwen })
    const answer = (await chat(server, tools)).json()
    const index = 'more choices[0].message.tool_calls[0].index'
    const fields = [index, 'more system_fingerprint', 'more usage.prompt_tokens_details', usageFields[1]!]
    expect(compare('openai-tools', answer)).toEqual(
      [timings, ...cacheCounts, ...answerFields, ...fields].sort(),
    )
  })

  it('to a chat with log-probabilities', async () => {
    const { server } = serve({ reply: 'Hello', model: qwen })
    const answer = (await chat(server, { ...user('hi'), logprobs: true, top_logprobs: 2 })).json()
    const fields = [
      'more choices[0].logprobs.refusal',
      'more system_fingerprint',
      'more usage.prompt_tokens_details',
      'more usage.completion_tokens_details',
    ]
    expect(compare('openai-logprobs', answer)).toEqual(
      [timings, ...cacheCounts, ...answerFields, ...fields].sort(),
    )
  })

  it('to a chat that streams', async () => {
    const { server } = serve({ reply: 'H', model: qwen })
    const requested = { ...user('hi'), stream: true, stream_options: { include_usage: true } }
    const ours = chunksOf((await chat(server, requested)).body)
    const theirs = recorded('openai-chat-chunks') as unknown[]
    expect(ours).toHaveLength(theirs.length)
    // The role comes with null content, as in llama-server, whose clients require it; OpenAI's type allows it.
    expect(differences(theirs[0], ours[0])).toEqual(['choices[0].delta.content is null, not string'])
    expect(differences(theirs[1], ours[1])).toEqual([])
    expect(differences(theirs[2], ours[2])).toEqual([])
    expect(differences(theirs[3], ours[3]).sort()).toEqual([timings, ...cacheCounts].sort())
  })

  it('to a completion', async () => {
    const { server } = serve({ reply: 'Hello' })
    const details = ['more usage.prompt_tokens_details', 'more usage.completion_tokens_details']
    expect(compare('openai-completion', (await complete(server, { prompt: 'a' })).json())).toEqual(
      [timings, ...cacheCounts, ...details].sort(),
    )
  })

  it('to a mistake', async () => {
    const { server } = serve({}, { strictParameters: true })
    const { json } = await post(server, '/v1/chat/completions', { ...user('hi'), mood: 'good' })
    // Ours also has the field and a stable code.
    expect(compare('openai-error', json())).toEqual([
      'error.code is string, not null',
      'error.param is string, not null',
    ])
  })
})

describe('an answer has the fields that DeepSeek’s has', () => {
  const reply = `<think>\nLook.\n</think>\n\n${call}`

  it('with reasoning and tools', async () => {
    const { server } = serve({ reply, model: qwen })
    const { json } = await post(server, '/chat/completions', tools)
    // OpenAI's representation of a message with tool calls only.
    const content = 'choices[0].message.content is null, not string'
    expect(differences(recorded('deepseek-tools'), json()).sort()).toEqual(
      [timings, content, ...answerFields, ...usageFields].sort(),
    )
  })

  it('with reasoning and tools, as they stream', async () => {
    const { server } = serve({ reply, model: qwen })
    const requested = { ...tools, stream: true, stream_options: { include_usage: true } }
    const ours = chunksOf((await post(server, '/chat/completions', requested)).body)
    const [role, thought, begun, more] = recorded('deepseek-tools-chunks') as unknown[]
    const tier = 'more service_tier'
    expect(differences(role, ours[0])).toEqual(['more choices[0].delta.refusal', tier].sort())
    expect(differences(thought, ours[1])).toEqual([tier])
    const calls = ours.filter(({ choices }) => choices[0]?.delta.tool_calls !== undefined)
    expect(differences(begun, calls[0])).toEqual([tier])
    expect(differences(more, calls[1])).toEqual([tier])
  })
})
