/**
 * What a template does with what it is given, found out by giving it messages with words in them that are easy to find
 * again. Templates do not say it themselves.
 */

import { TemplateFailure } from '@hadal/templates'
import { runTemplate } from './run-template.ts'

export interface Abilities {
  readonly system: boolean
  /** Content has to be a list of parts; else it is a string. */
  readonly typedContent: boolean
  /** Describes tools. */
  readonly tools: boolean
  /** Writes the calls of an assistant's message; absent where it does not. */
  readonly calls?: CallAbilities
  /** Writes the results of calls, as messages of the role `tool`. */
  readonly results: boolean
  /** Writes reasoning that comes as blocks of content; any other template finds it beside the content, or drops it. */
  readonly thinkingBlocks: boolean
}

export interface CallAbilities {
  /** Beside calls, no content is this. */
  readonly noContent: '' | null
  /** Arguments have to be an object; else they are JSON text. */
  readonly objects: boolean
  /** Several calls in one message. */
  readonly parallel: boolean
}

const maxKept = 32
const kept = new Map<string, Abilities>()

/** Throws `TemplateFailure` when the template takes too long: then it will do so again. */
export function abilitiesOf(template: string): Abilities {
  let abilities = kept.get(template)
  if (abilities === undefined) {
    abilities = probe(template)
    if (kept.size >= maxKept) kept.delete(kept.keys().next().value!)
  } else kept.delete(template)
  kept.set(template, abilities)
  return abilities
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
    // A template for requests with tools may need some.
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

/** Rather than the list itself, as templates do that take anything for a string. */
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
    // What JSON text goes through as it stands needs no reading.
    const objects = !isRaw
    const both = conversation(noContent, objects, ['hadal0001', 'hadal0002'])
    return {
      abilities: { noContent, objects, parallel: both.includes(word('called-1')) },
      results: (objects ? asObjects : asText)!.includes(word('result-0')),
    }
  }
  return undefined
}

/** `''` where the template refuses. */
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
    if (thrown instanceof TemplateFailure && thrown.kind !== 'time') return ''
    throw thrown
  }
}
