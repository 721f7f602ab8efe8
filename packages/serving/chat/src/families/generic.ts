/** Any model: tools are described in the system message; calls are a JSON object, `{"tool_calls": [...]}`. */

import { isPlainObject } from '@hadal/base'
import type { Tool, ToolCall } from '../conversation.ts'
import { type Answer, readMarked } from '../parse/answer.ts'
import { readCallObject } from '../parse/call-reader.ts'
import type { Reading } from '../parse/incoming.ts'
import { readString } from '../parse/json-reader.ts'
import { json } from './describe.ts'
import type { Family } from './family.ts'

const begin = '{"tool_calls":'

export const generic: Family = {
  name: 'generic',
  read: (answer) => readMarked(answer, { begins: [begin], read: readList, readBare: readObject }),
  grammar: {
    triggers: () => [begin],
    calls: (rules, tools, parallel) =>
      rules.sequence(
        `${begin} [`,
        rules.several(rules.callObject(tools, 'name', 'arguments'), ', ', parallel),
        ']}',
      ),
  },
  describe: (tools) =>
    `You can call these functions:\n${tools.map(shortly).join('\n')}\n\nTo do so, answer only with JSON of this form:\n{"tool_calls": [{"name": "f", "arguments": {}}]}\nThe results come next. Where no function is needed, answer as usual.`,
  writeCalls: (calls) => `{"tool_calls": [${calls.map(writeCall).join(', ')}]}`,
}

/** Minimal, because the smallest models have little context. */
function shortly({ name, description, parameters }: Tool): string {
  const { $schema: _, ...schema } = isPlainObject(parameters) ? parameters : { type: 'object' }
  return json({ name, description, parameters: schema })
}

const writeCall = (call: ToolCall): string => `{"name": ${json(call.name)}, "arguments": ${call.arguments}}`

/** A leading object, possibly in a code block, that contains calls or is one. */
function* readObject(answer: Answer): Reading<boolean> {
  const { incoming, parts, tools } = answer
  yield* incoming.space()
  if (yield* incoming.takes('```')) {
    yield* incoming.takes('json')
    yield* incoming.space()
  }
  if (!(yield* incoming.takes('{'))) return false
  yield* incoming.space()
  const key = yield* readString(incoming)
  if (key === undefined) return false
  let good: boolean
  if (key === 'tool_calls' || key === 'tool_call') {
    yield* incoming.space()
    good = (yield* incoming.takes(':')) && (yield* readList(answer))
  } else good = yield* readCallObject(incoming, parts, (name) => tools.has(name), key)
  if (!good) return false
  yield* incoming.space()
  yield* incoming.takes('```')
  incoming.commit()
  return true
}

/** After `"tool_calls":`: one call or a list, and the end of the object. */
function* readList({ incoming, parts }: Answer): Reading<boolean> {
  yield* incoming.space()
  const several = yield* incoming.takes('[')
  do {
    yield* incoming.space()
    if (!(yield* readCallObject(incoming, parts))) return false
    yield* incoming.space()
  } while (several && (yield* incoming.takes(',')))
  if (several) yield* incoming.takes(']')
  yield* incoming.space()
  yield* incoming.takes('}')
  incoming.commit()
  return true
}
