/**
 * Mistral: `[TOOL_CALLS][{"name": "f", "arguments": {}, "id": "123456789"}]`, in newer models `[TOOL_CALLS]f[CALL_ID]123456789[ARGS]{}`.
 * Ids have nine letters and digits.
 */

import type { ToolCall } from '../conversation.ts'
import { type Answer, readMarked } from '../parse/answer.ts'
import { readArguments, readCallObject } from '../parse/call-reader.ts'
import type { Reading } from '../parse/incoming.ts'
import { json, listOfTools } from './describe.ts'
import type { Family } from './family.ts'

const toolCalls = '[TOOL_CALLS]'

/** `newer`: names and arguments are separate instead of a list of objects. */
export function mistral(newer: boolean, withIds: boolean): Family {
  return {
    name: 'mistral',
    read: (answer) => readMarked(answer, { begins: [toolCalls], read: readCalls }),
    grammar: {
      triggers: () => [toolCalls],
      calls: (rules, tools, parallel) => {
        if (!newer)
          return rules.sequence(
            `${toolCalls}[`,
            rules.several(rules.callObject(tools, 'name', 'arguments', 'id'), ', ', parallel),
            ']',
          )
        const id = withIds ? ['[CALL_ID]', rules.callId()] : []
        return rules.several(
          rules.choice(
            ...tools.map((tool) =>
              rules.sequence(`${toolCalls}${tool.name}`, ...id, '[ARGS]', rules.argumentsOf(tool)),
            ),
          ),
          '',
          parallel,
        )
      },
    },
    describe: (tools) => `[AVAILABLE_TOOLS]\n${listOfTools(tools)}\n[/AVAILABLE_TOOLS]`,
    writeCalls: (calls) =>
      newer
        ? calls.map((call) => `${toolCalls}${call.name}[ARGS]${call.arguments}`).join('')
        : `${toolCalls}[${calls.map(writeCall).join(', ')}]`,
    callId: nineCharacters,
  }
}

const writeCall = ({ name, arguments: text, id }: ToolCall): string =>
  `{"name": ${json(name)}, "arguments": ${text}, "id": ${json(nineCharacters(id))}}`

/** Valid ids are unchanged; the mapping is deterministic. */
export function nineCharacters(id: string): string {
  if (/^[A-Za-z0-9]{9}$/.test(id)) return id
  let hash = 0xcbf29ce484222325n
  for (const char of id) hash = BigInt.asUintN(64, (hash ^ BigInt(char.codePointAt(0)!)) * 0x100000001b3n)
  return hash.toString(36).padStart(9, '0').slice(-9)
}

function* readCalls(answer: Answer): Reading<boolean> {
  const { incoming, parts } = answer
  yield* incoming.space()
  if (!(yield* incoming.more())) return false
  if (incoming.text.startsWith('{')) return yield* readCallObject(incoming, parts)
  if (!(yield* incoming.takes('['))) return yield* readNamed(answer)
  for (;;) {
    yield* incoming.space()
    if (!(yield* readCallObject(incoming, parts))) return false
    yield* incoming.space()
    if (yield* incoming.takes(',')) continue
    yield* incoming.takes(']')
    incoming.commit()
    return true
  }
}

/** `f[ARGS]{}`, `f[CALL_ID]123456789[ARGS]{}` or `f{}`. */
function* readNamed({ incoming, parts }: Answer): Reading<boolean> {
  let name = ''
  let mark = yield* incoming.until(['[ARGS]', '[CALL_ID]', '{', '\n'], (text) => {
    name += text
  })
  let id: string | undefined
  if (mark === '[CALL_ID]') {
    let written = ''
    mark = yield* incoming.until(['[ARGS]', '{', '\n'], (text) => {
      written += text
    })
    id = written.trim()
  }
  if (mark === undefined || mark === '\n' || !/^[\w.-]+$/.test(name.trim())) return false
  if (id === undefined || id === '') parts.call(name.trim())
  else parts.call(name.trim(), id)
  if (mark === '{') incoming.putBack(mark)
  incoming.commit()
  yield* incoming.space()
  yield* readArguments(incoming, (text) => parts.arguments(text))
  parts.separate()
  incoming.commit()
  return true
}
