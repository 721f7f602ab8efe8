/** Reads a call written as one JSON object, such as `{"name": "f", "arguments": {}}`, and streams its arguments. */

import type { AnswerParts } from './answer-parts.ts'
import type { Incoming, Reading } from './incoming.ts'
import { parsed, readString, readValue } from './json-reader.ts'

const nameKeys: readonly string[] = ['name', 'function', 'tool_name']
const argumentKeys: readonly string[] = ['arguments', 'parameters', 'args']
/** May stand before the name; anything else there says that this is no call. */
const otherKeys: readonly string[] = ['id', 'type']

/**
 * `firstKey`: the object has been read up to there. False when it is no call, or of nothing that `isTool`: then nothing of it
 * was passed on. Once a call has begun it stays one; what follows an object that is not closed properly is left where it is.
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

  /** A call without arguments has none. */
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

/** Arguments as an object are passed on as they come; as a string that holds one, or nothing at all, when they are whole. */
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
