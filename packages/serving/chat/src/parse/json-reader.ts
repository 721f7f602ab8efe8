/** Incremental JSON reader, strict enough to detect invalid JSON early. */

import type { Incoming, Reading } from './incoming.ts'

const closing: Readonly<Record<string, string>> = { '{': '}', '[': ']' }

/** Emits the text of one value verbatim. False if it is missing or improperly closed; `incoming` is then at the error. */
export function* readValue(incoming: Incoming, pass: (text: string) => void): Reading<boolean> {
  if (!(yield* incoming.more())) return false
  const first = incoming.text.charAt(0)
  if (first === '"') return yield* readStringText(incoming, pass)
  if (first === '{' || first === '[') return yield* readNested(incoming, pass)
  return yield* readScalar(incoming, pass)
}

/** A string value; undefined if there is none. */
export function* readString(incoming: Incoming): Reading<string | undefined> {
  if (!(yield* incoming.more()) || !incoming.text.startsWith('"')) return undefined
  let text = ''
  const closed = yield* readStringText(incoming, (more) => {
    text += more
  })
  const value = closed ? parsed(text) : undefined
  return typeof value === 'string' ? value : undefined
}

/** The parsed value; undefined for invalid JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function* readStringText(incoming: Incoming, pass: (text: string) => void): Reading<boolean> {
  pass(incoming.take(1))
  let escaped = false
  while (yield* incoming.more()) {
    const { text } = incoming
    for (let at = 0; at < text.length; at += 1) {
      const char = text[at]
      if (escaped) escaped = false
      else if (char === '\\') escaped = true
      else if (char === '"') {
        pass(incoming.take(at + 1))
        return true
      }
    }
    pass(incoming.take(text.length))
  }
  return false
}

function* readNested(incoming: Incoming, pass: (text: string) => void): Reading<boolean> {
  const open: string[] = []
  let inString = false
  let escaped = false
  while (yield* incoming.more()) {
    const { text } = incoming
    for (let at = 0; at < text.length; at += 1) {
      const char = text[at]!
      if (inString) {
        if (escaped) escaped = false
        else if (char === '\\') escaped = true
        else if (char === '"') inString = false
      } else if (char === '"') inString = true
      else if (char in closing) open.push(closing[char]!)
      else if (char === '}' || char === ']') {
        if (open.pop() !== char) {
          pass(incoming.take(at))
          return false
        }
        if (open.length === 0) {
          pass(incoming.take(at + 1))
          return true
        }
      }
    }
    pass(incoming.take(text.length))
  }
  return false
}

/** A number, `true`, `false` or `null`, emitted when complete. */
function* readScalar(incoming: Incoming, pass: (text: string) => void): Reading<boolean> {
  let text = ''
  while (yield* incoming.more()) {
    const count = incoming.text.search(/[^-+.0-9a-zA-Z]/)
    text += incoming.take(count < 0 ? incoming.text.length : count)
    if (count >= 0) break
  }
  pass(text)
  return parsed(text) !== undefined
}
