/** Tools called by a model that never learned to, in the markup of each family: prompt, grammar, engine and parser together. */

import { join } from 'node:path'
import { type OutputPart, prepareChat, type Tool } from '@hadal/chat'
import { createLlamaEngine } from '@hadal/engine'
import { afterAll, describe, expect, it } from 'vitest'
import { modelWith, templateNames } from '../../packages/serving/chat/test/templates.ts'

const modelPath = join(import.meta.dirname, '../../models/nano/nano-q8_0.gguf')
const engine = createLlamaEngine({ modelPath, threads: 1 })

afterAll(() => engine[Symbol.asyncDispose]())

/** Small: some markup takes the model many tokens, for it has none of its own for it. */
const roll: Tool = {
  name: 'roll',
  parameters: {
    type: 'object',
    properties: { n: { type: 'integer', minimum: 1, maximum: 14 } },
    required: ['n'],
    additionalProperties: false,
  },
}

describe.each(templateNames)('%s', (name) => {
  it('calls a tool, after no more reasoning than it may', async () => {
    await engine.ready()
    const { pieces, grammar, thinking, controlText, stop, parser } = await prepareChat(
      { ...engine.model, chatTemplate: modelWith(name).chatTemplate! },
      {
        messages: [{ role: 'user', content: 'Hi' }],
        tools: [roll],
        toolChoice: 'required',
        parallelToolCalls: false,
        thinkingBudget: 4,
      },
    )
    const answer = parser()
    const parts: OutputPart[] = []
    let finished: string | undefined
    for await (const event of engine.generate({
      id: name,
      prompt: { pieces },
      maxTokens: 400,
      sampling: { temperature: 0 },
      stop,
      grammar: grammar!,
      ...(thinking !== undefined && { thinking }),
      ...(controlText === true && { controlText }),
    })) {
      if (event.type === 'delta') parts.push(...answer.push(event.text))
      else if (event.type === 'done') finished = event.finishReason
    }
    parts.push(...answer.end())
    expect(finished).toBe('stop')
    expect(parts.filter(({ type }) => type === 'content')).toEqual([])
    expect(parts.filter(({ type }) => type === 'tool')).toEqual([
      { type: 'tool', index: 0, id: expect.any(String), name: 'roll' },
    ])
    const json = parts.map((part) => (part.type === 'arguments' ? part.text : '')).join('')
    const { n, ...others } = JSON.parse(json)
    expect(others).toEqual({})
    expect(Number.isInteger(n) && n >= 1 && n <= 14).toBe(true)
    const opened = parts.some(({ type }) => type === 'reasoning')
    expect(opened).toBe(thinking?.start === '')
  })
})
