/** Qwen and Hermes: `<tool_call>{"name": "f", "arguments": {}}</tool_call>`. */

import type { ToolCall } from '../conversation.ts'
import { type Answer, readMarked } from '../parse/answer.ts'
import { readCallObject } from '../parse/call-reader.ts'
import type { Reading } from '../parse/incoming.ts'
import { json, listOfTools } from './describe.ts'
import type { Family } from './family.ts'
import { readFunctionTag } from './qwen-xml.ts'

export const hermes: Family = {
  name: 'hermes',
  read: (answer) =>
    readMarked(answer, { begins: ['<tool_call>'], within: ['</tool_call>'], read: readToolCall }),
  grammar: {
    triggers: () => ['<tool_call>'],
    calls: (rules, tools, parallel) =>
      rules.several(
        rules.sequence('<tool_call>\n', rules.callObject(tools, 'name', 'arguments'), '\n</tool_call>'),
        '\n',
        parallel,
      ),
  },
  describe: (tools) =>
    `# Tools\n\nYou may call one or more functions to assist with the user query.\n\nYou are provided with function signatures within <tools></tools> XML tags:\n<tools>\n${listOfTools(tools)}\n</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\n<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>`,
  writeCalls: (calls) => calls.map(writeCall).join('\n'),
}

const writeCall = (call: ToolCall): string =>
  `<tool_call>\n{"name": ${json(call.name)}, "arguments": ${call.arguments}}\n</tool_call>`

/** After `<tool_call>`: an object, or a tag of the newer format. */
function* readToolCall(answer: Answer): Reading<boolean> {
  const { incoming, parts } = answer
  yield* incoming.space()
  if (yield* incoming.takes('<function=')) return yield* readFunctionTag(answer)
  if (!(yield* readCallObject(incoming, parts))) return false
  yield* incoming.space()
  yield* incoming.takes('</tool_call>')
  return true
}
