/** A template comes with the model and is not trusted: whatever it does costs its own requests a coded error, and others nothing. */

import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { HadalError } from '@hadal/base'
import { type ChatModel, prepareChat, prepareChatSync } from '@hadal/chat'
import { describe, expect, it } from 'vitest'
import { modelWith, templateNames } from './templates.ts'

const messages = [{ role: 'user', content: 'Hi' }] as const
const withTemplate = (chatTemplate: string): ChatModel => ({ ...modelWith('chatMl'), chatTemplate })
const nested = (body: string, times: number): string =>
  '{% for _ in range(100) %}'.repeat(times) + body + '{% endfor %}'.repeat(times)
/** What a template may use grows with its input: this one takes as long as it may for long messages. */
const greedy = `{% if messages[0].content | length > 1000 %}${nested('', 6)}{% endif %}`
const long = (characters: number) => [{ role: 'user', content: 'x'.repeat(characters) }] as const
const slow = `{% set x = 'ab' * 500000 %}${nested("{{ (x | replace('c', 'd')) | length }}", 2)}`

const hostile = {
  'loops for ever': nested('', 6),
  'is slow in every step': slow,
  'doubles a string': `{% set ns = namespace(x='aa') %}${nested("{% set ns.x = ns.x | replace('a', 'aa') %}", 1)}`,
}

describe('a hostile template', () => {
  it.each(Object.entries(hostile))('that %s fails with a code', async (_, source) => {
    await expect(prepareChat(withTemplate(source), { messages })).rejects.toMatchObject({
      code: 'chat_template_failed',
      status: 400,
      param: 'messages',
    })
  })

  it('leaves the event loop and other models alone', async () => {
    const failing = () =>
      prepareChat(withTemplate(greedy), { messages: long(200_000) }).catch((error) => error.code)
    const [failed, again] = [failing(), failing()]
    const delays = monitorEventLoopDelay({ resolution: 1 })
    delays.enable()
    let others = 0
    const done = Promise.all([failed, again])
    let isDone = false
    void done.then(() => (isDone = true))
    while (!isDone) {
      await prepareChat(modelWith('chatMl'), { messages })
      others += 1
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    delays.disable()
    expect(await done).toEqual(['chat_template_failed', 'chat_template_failed'])
    expect(others).toBeGreaterThan(10)
    // In this thread, the template took seconds at a stretch.
    expect(delays.percentile(90) / 1e6).toBeLessThan(500)
  })

  it('makes its own requests wait, and those beyond 32 get an error at once', async () => {
    const model = withTemplate(`${greedy} `)
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, () =>
        prepareChat(model, { messages: long(10_000) }).catch((error) => error as HadalError),
      ),
    )
    const codes = outcomes.map((outcome) => 'code' in outcome && outcome.code)
    expect(codes.filter((code) => code === 'chat_template_busy').length).toBeGreaterThanOrEqual(7)
    for (const [at, code] of codes.entries())
      if (code === 'chat_template_busy') expect(outcomes[at]).toMatchObject({ retryAfterSeconds: 1 })
      else expect(code).toBe('chat_template_failed')
  })
})

describe('a slow template', () => {
  it('renders the same in its own thread', async () => {
    for (const name of templateNames) {
      const model = modelWith(name)
      const source = model.chatTemplate!
      // Longer than a template may take in the caller's thread, and without effect on the text.
      const delayed = `{%- for i in range(200) -%}{%- for k in range(200) -%}{%- endfor -%}{%- endfor -%}${source}`
      const chat = { messages: [{ role: 'user', content: `Hi ${name}` }] } as const
      const { parser: _, ...apart } = await prepareChat({ ...model, chatTemplate: delayed }, chat)
      const { parser: __, ...own } = prepareChatSync(model, chat)
      expect(apart.pieces.join('').trimStart()).toBe(own.pieces.join('').trimStart())
      expect({ ...apart, pieces: [] }).toEqual({ ...own, pieces: [] })
    }
  })
})
