/** Parses a call written as a JSON object, such as `{"name": "f", "arguments": {}}`, and streams its arguments. */

import type { AnswerParts } from './answer-parts.ts'
import type { Incoming, Reading } from './incoming.ts'
import { parsed, readString, readValue } from './json-reader.ts'

const nameKeys: readonly string[] = ['name', 'function', 'tool_name']
const argumentKeys: readonly string[] = ['arguments', 'parameters', 'args']
/** Keys allowed before the name; any other means it is not a call. */
const otherKeys: readonly string[] = ['id', 'type']

/**
 * `firstKey`: already read up to there. False if it is not a call of a known tool; nothing was emitted then. Once started, it remains a
 * call; text after an improperly closed object is left unread.
 */
export function* readCallObject(
  incoming: Incoming,
  parts: AnswerParts,
  isTool: (name: string) => boolean = () => true,
  firstKey?: string,
): Reading<boolean> {
  if (firstKey === undefined && !(yield* incoming.takes('{'))) return false
  let first = firstKey
  let name: string | undefined
  let early: string | undefined
  let begun = false
  const begin = (): void => {
    if (name === undefined || begun) return
    parts.call(name)
    incoming.commit()
    begun = true
  }
  for (;;) {
    yield* incoming.space()
    if (first === undefined && (yield* incoming.takes('}'))) break
    const key: string | undefined = first ?? (yield* readString(incoming))
    first = undefined
    if (key === undefined) return finish(false)
    yield* incoming.space()
    if (!(yield* incoming.takes(':'))) return finish(false)
    yield* incoming.space()
    if (name === undefined && nameKeys.includes(key)) {
      name = yield* readString(incoming)
      if (name === undefined || !isTool(name)) return false
      if (early !== undefined) {
        begin()
        parts.arguments(early)
      }
    } else if (!begun && early === undefined && argumentKeys.includes(key)) {
      begin()
      const held = begun ? undefined : collect()
      const whole = yield* readArguments(incoming, held?.pass ?? ((text) => parts.arguments(text)))
      early = held?.text() ?? ''
      if (!whole) return finish(false)
    } else {
      if (!begun && name === undefined && !otherKeys.includes(key)) return false
      if (!(yield* readValue(incoming, () => {}))) return finish(false)
    }
    yield* incoming.space()
    if (yield* incoming.takes(',')) continue
    if (yield* incoming.takes('}')) break
    return finish(false)
  }
  return finish(true)

  /** An omitted arguments object is empty. */
  function finish(closed: boolean): boolean {
    if (!begun && !(closed && name !== undefined)) return false
    if (!begun) {
      begin()
      parts.arguments('{}')
    }
    parts.separate()
    incoming.commit()
    return true
  }
}

/** Object arguments are streamed; arguments as a string or absent ones are emitted when complete. */
export function* readArguments(incoming: Incoming, pass: (text: string) => void): Reading<boolean> {
  if (!(yield* incoming.more())) return false
  if (incoming.text.startsWith('{')) return yield* readValue(incoming, pass)
  const held = collect()
  const whole = yield* readValue(incoming, held.pass)
  const value = parsed(held.text())
  if (value === null) pass('{}')
  else if (typeof value === 'string' && typeof parsed(value) === 'object') pass(value)
  else pass(held.text())
  return whole
}

function collect(): { pass: (text: string) => void; text: () => string } {
  let all = ''
  return {
    pass: (text) => {
      all += text
    },
    text: () => all,
  }
}
