/** Compares with the output of `apply_chat_template` in Python, recorded by `recorded/record.py`. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderTemplate, TemplateFailure } from '@hadal/templates'
import { describe, expect, it } from 'vitest'

interface Given {
  readonly date: readonly [number, number, number, number, number, number, number]
  readonly variables: Readonly<Record<string, unknown>>
  readonly conversations: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

interface Outcome {
  readonly text?: string
  readonly error?: string
  /** Message of `raise_exception`. */
  readonly message?: string
}

const folder = join(import.meta.dirname, 'recorded')
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))
const { date: parts, variables, conversations } = read('conversations.json') as Given
const recorded = Object.entries(read('outputs.json') as Record<string, Record<string, Outcome>>)
const [year, month, day, hour, minute, second, micros] = parts
const date = new Date(year, month - 1, day, hour, minute, second, micros / 1000)

function render(source: string, conversation: Readonly<Record<string, unknown>>): Outcome {
  try {
    return { text: renderTemplate(source, { ...variables, ...conversation }, { date }) }
  } catch (thrown) {
    if (!(thrown instanceof TemplateFailure)) throw thrown
    return { error: thrown.kind, ...(thrown.kind === 'raised' && { message: thrown.message }) }
  }
}

describe('a template renders as in Python', () => {
  it('every template and conversation was recorded', () => {
    expect(recorded.length).toBeGreaterThanOrEqual(24)
    for (const [, outcomes] of recorded)
      expect(Object.keys(outcomes).sort()).toEqual(Object.keys(conversations).sort())
  })

  it.each(recorded)('%s', (name, outcomes) => {
    const source = readFileSync(join(folder, 'templates', `${name}.jinja`), 'utf8')
    const rendered = Object.fromEntries(
      Object.entries(conversations).map(([title, conversation]) => [title, render(source, conversation)]),
    )
    expect(rendered).toEqual(outcomes)
  })
})

describe('long requests stay within the limits', () => {
  const turns = Array.from({ length: 3000 }, (_, at) => ({
    role: at % 2 === 0 ? 'user' : 'assistant',
    content: at % 2 === 0 ? 'And then?' : 'Then it rained.',
  }))
  const called = Array.from({ length: 500 }, (_, at) => [
    { role: 'user', content: `Is it warm in place ${at}?` },
    {
      role: 'assistant',
      content: '',
      tool_calls: [
        {
          id: `call${String(at).padStart(5, '0')}`,
          type: 'function',
          function: { name: 'tool_1', arguments: { place: at } },
        },
      ],
    },
    {
      role: 'tool',
      tool_call_id: `call${String(at).padStart(5, '0')}`,
      name: 'tool_1',
      content: '14 degrees',
    },
    { role: 'assistant', content: 'It is.' },
  ]).flat()
  const tools = Array.from({ length: 120 }, (_, at) => ({
    type: 'function',
    function: {
      name: `tool_${at}`,
      description: 'What it does, in a sentence.',
      parameters: { type: 'object', properties: { place: { type: 'integer', description: 'Where.' } } },
    },
  }))

  // One that prints everything seven times does not count.
  it.each(recorded.map(([name]) => name).filter((name) => name !== 'json-and-text'))('%s', (name) => {
    const source = readFileSync(join(folder, 'templates', `${name}.jinja`), 'utf8')
    for (const conversation of [
      { messages: turns },
      { messages: turns.slice(0, 1), tools },
      { messages: called, tools },
    ])
      expect(['size', 'time']).not.toContain(
        render(source, { add_generation_prompt: true, ...conversation }).error,
      )
  })
})
