/**
 * Detects the abilities of a chat template, which templates do not declare: renders probe messages with recognisable
 * words.
 */

import { TemplateFailure } from '@hadal/templates'
import { runTemplate } from './run-template.ts'

export interface Abilities {
  readonly system: boolean
  /** Content must be a list of parts; otherwise it is a string. */
  readonly typedContent: boolean
  /** Describes tools. */
  readonly tools: boolean
  /** Writes the tool calls of assistant messages; absent if it does not. */
  readonly calls?: CallAbilities
  /** Writes tool results: messages of the role `tool`. */
  readonly results: boolean
  /** Takes reasoning as content blocks; other templates read a separate field next to the content, or drop it. */
  readonly thinkingBlocks: boolean
}

export interface CallAbilities {
  /** Representation of empty content in a message with calls. */
  readonly noContent: '' | null
  /** Arguments must be an object; otherwise they are JSON text. */
  readonly objects: boolean
  /** Supports several calls in one message. */
  readonly parallel: boolean
}

const maxKept = 32
const kept = new Map<string, Abilities>()

/** Throws `TemplateFailure` if the template exceeds the time limit: it would do so again for the chat. */
export function abilitiesOf(template: string): Abilities {
  const abilities = kept.get(template) ?? probe(template)
  keepAbilities(template, abilities)
  return abilities
}

/** For abilities that another thread has determined. */
export function keepAbilities(template: string, abilities: Abilities): void {
  if (!kept.delete(template) && kept.size >= maxKept) kept.delete(kept.keys().next().value!)
  kept.set(template, abilities)
}

const word = (name: string): string => `hadal-probe-${name}`
const rawArguments = `{"${word('key')}": "${word('value')}"}`
const tool = {
  type: 'function',
  function: {
    name: word('tool'),
    description: 'A tool.',
    parameters: {
      type: 'object',
      properties: { [word('key')]: { type: 'string', description: 'Text.' } },
      required: [word('key')],
    },
  },
}

function probe(template: string): Abilities {
  const typedContent =
    !render(template, [user(false)]).includes(word('user')) &&
    render(template, [user(true)]).includes(word('user'))
  const ask = user(typedContent)
  const text = (value: string): unknown => (typedContent ? [{ type: 'text', text: value }] : value)
  const calls = probeCalls(template, ask, text)
  const thinking = [
    { type: 'thinking', thinking: word('thought') },
    { type: 'text', text: word('answer') },
  ]
  return {
    // A template for requests with tools may require some.
    system: [undefined, [tool]].some((tools) =>
      render(template, [{ role: 'system', content: text(word('system')) }, ask], tools).includes(
        word('system'),
      ),
    ),
    typedContent,
    tools: render(template, [ask], [tool]).includes(word('tool')),
    ...(calls !== undefined && { calls: calls.abilities }),
    results: calls?.results ?? false,
    thinkingBlocks: writesBlocks(render(template, [ask, { role: 'assistant', content: thinking }])),
  }
}

/** Whether the blocks are rendered, not the list itself, which templates print that convert any value to a string. */
function writesBlocks(rendered: string): boolean {
  return (
    [word('thought'), word('answer')].every((each) => rendered.includes(each)) &&
    !/["']thinking["']/.test(rendered)
  )
}

function user(typed: boolean): unknown {
  return { role: 'user', content: typed ? [{ type: 'text', text: word('user') }] : word('user') }
}

function probeCalls(
  template: string,
  ask: unknown,
  text: (value: string) => unknown,
): { abilities: CallAbilities; results: boolean } | undefined {
  const conversation = (noContent: '' | null, objects: boolean, ids: readonly string[]): string => {
    const calls = ids.map((id, k) => ({
      id,
      type: 'function',
      function: {
        name: word(`called-${k}`),
        arguments: objects ? { [word('key')]: word('value') } : rawArguments,
      },
    }))
    const results = ids.map((id, k) => ({
      role: 'tool',
      tool_call_id: id,
      name: word(`called-${k}`),
      content: text(word(`result-${k}`)),
    }))
    const content = noContent === '' ? text('') : null
    return render(
      template,
      [
        ask,
        { role: 'assistant', content, tool_calls: calls },
        ...results,
        { role: 'assistant', content: text('Done.') },
        ask,
      ],
      [tool],
    )
  }
  for (const noContent of ['', null] as const) {
    const [asText, asObjects] = [false, true].map((objects) =>
      conversation(noContent, objects, ['hadal0001']),
    )
    const isRaw = asText!.includes(rawArguments)
    const isObject = asObjects!.includes(word('value'))
    if (!(isRaw || isObject) || ![asText, asObjects].some((each) => each!.includes(word('called-0'))))
      continue
    // A template that writes JSON text unchanged needs no parsed arguments.
    const objects = !isRaw
    const both = conversation(noContent, objects, ['hadal0001', 'hadal0002'])
    return {
      abilities: { noContent, objects, parallel: both.includes(word('called-1')) },
      results: (objects ? asObjects : asText)!.includes(word('result-0')),
    }
  }
  return undefined
}

/** `''` if the template raises an error. */
function render(template: string, messages: readonly unknown[], tools?: readonly unknown[]): string {
  try {
    return runTemplate(template, {
      messages,
      ...(tools !== undefined && { tools }),
      add_generation_prompt: true,
      bos_token: '',
      eos_token: '',
    })
  } catch (thrown) {
    if (thrown instanceof TemplateFailure && thrown.kind !== 'time' && thrown.kind !== 'interrupted')
      return ''
    throw thrown
  }
}
