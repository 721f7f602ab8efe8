/** Scripted model output. */

import type { ChoiceDone, ChoiceEvent, GenerationLayer } from '@hadal/server'
import fc from 'fast-check'

export const say = (text: string): ChoiceEvent => ({
  type: 'delta',
  choice: 0,
  text,
  tokens: [...text].map((character) => character.codePointAt(0)!),
  logprobs: [],
})

export const think = (text: string): ChoiceEvent => ({ ...say(text), type: 'reasoning' }) as ChoiceEvent

/** The prompt event with the counts that `done` reports. */
export const begun: ChoiceEvent = {
  type: 'progress',
  choice: 0,
  promptTokens: 25,
  cachedTokens: 10,
  computedTokens: 10,
  millis: 0,
}

/** A tool call whose arguments arrive in these pieces. */
export const call = (
  index: number,
  id: string,
  name: string,
  ...pieces: readonly string[]
): ChoiceEvent[] => [
  { type: 'tool', choice: 0, index, id, name },
  ...pieces.map((text): ChoiceEvent => ({ type: 'arguments', choice: 0, index, text })),
]

export const done = (
  finishReason: ChoiceDone['finishReason'] = 'stop',
  more: Partial<ChoiceDone> = {},
): ChoiceDone => ({
  type: 'done',
  choice: 0,
  finishReason,
  usage: { promptTokens: 25, cachedTokens: 10, completionTokens: 15, reasoningTokens: 5 },
  timings: { queueMillis: 1, prefillMillis: 2, decodeMillis: 3 },
  ...more,
})

/** A chat template that shows all its input, one message per line; calls and reasoning in Qwen's format. */
export const template = [
  "{% if tools %}tools({% for t in tools %}{{ t.function.name }}{% endfor %}){{ '\\n' }}{% endif %}",
  "{% for m in messages %}{{ m.role }}({{ m.reasoning_content or '' }}):{{ m.content }}",
  '{% for c in m.tool_calls or [] %}<tool_call>{{ c.function.name }}{{ c.function.arguments | tojson }}</tool_call>{% endfor %}',
  "{{ '\\n' }}{% endfor %}{% if false %}<think></think>{% endif %}",
].join('')

/** A layer that emits the current `script`. Errors in it are thrown. */
export function scripted(script: { events: readonly (ChoiceEvent | Error)[] }): GenerationLayer {
  return () =>
    async function* () {
      for (const event of script.events) {
        if (event instanceof Error) throw event
        yield event
      }
    }
}

const piece = fc.oneof(fc.string({ unit: 'binary', maxLength: 6 }), fc.constant(''))
const cut = (text: string, at: number): string[] => {
  const middle = Math.floor(text.length * at)
  return [text.slice(0, middle), '', text.slice(middle)]
}
const segment = fc.oneof(
  fc.array(piece, { maxLength: 4 }).map((pieces) => () => pieces.map(say)),
  fc.array(piece, { maxLength: 4 }).map((pieces) => () => pieces.map(think)),
  fc
    .tuple(
      fc.dictionary(fc.string({ minLength: 1, maxLength: 4 }), fc.jsonValue({ maxDepth: 1 })),
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    .map(
      ([input, at]) =>
        (index: number) =>
          call(index, `call_${index}`, 'tool', ...cut(JSON.stringify(input), at)),
    ),
)

/** Any possible model output: text, reasoning and calls in any order and chunking. */
export const anyAnswer: fc.Arbitrary<ChoiceEvent[]> = fc
  .tuple(
    fc.array(segment, { maxLength: 6 }),
    fc.constantFrom('stop', 'length', 'tool_calls', 'content_filter' as const),
  )
  .map(([segments, reason]) => {
    let calls = 0
    const events = segments.flatMap((make) => {
      const made = make(calls)
      if (made[0]?.type === 'tool') calls += 1
      return made
    })
    return [...events, done(reason as ChoiceDone['finishReason'])]
  })

/** Replaces a random part of a value, at any depth. */
export function mutated(value: unknown): fc.Arbitrary<unknown> {
  const paths: string[][] = []
  const walk = (part: unknown, path: string[]): void => {
    paths.push(path)
    if (typeof part === 'object' && part !== null)
      for (const [key, inner] of Object.entries(part)) walk(inner, [...path, key])
  }
  walk(value, [])
  return fc.tuple(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 1 })).map(([path, replacement]) => {
    const copy: Record<string, unknown> = structuredClone({ value })
    let parent = copy
    let last = 'value'
    for (const key of path) {
      parent = parent[last] as Record<string, unknown>
      last = key
    }
    parent[last] = replacement
    return copy.value
  })
}
