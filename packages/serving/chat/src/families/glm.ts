/**
 * GLM 4.5 and later: `<tool_call>f<arg_key>a</arg_key><arg_value>text</arg_value></tool_call>`, sometimes with line breaks. Arguments are
 * not JSON: strings by schema are taken verbatim.
 */

import type { ToolCall } from '../conversation.ts'
import { type Answer, readMarked } from '../parse/answer.ts'
import { argumentKind, propertyOf } from '../parse/argument-kind.ts'
import type { Reading } from '../parse/incoming.ts'
import { TaggedArguments } from '../parse/tagged-arguments.ts'
import { argumentsOf, json, listOfTools } from './describe.ts'
import type { Family } from './family.ts'

export const glm: Family = {
  name: 'glm',
  read: (answer) =>
    readMarked(answer, { begins: ['<tool_call>'], within: ['<arg_key>', '</tool_call>'], read: readCall }),
  grammar: {
    triggers: () => ['<tool_call>'],
    calls: (rules, tools, parallel) =>
      rules.several(
        rules.choice(
          ...tools.map((tool) =>
            rules.sequence(
              `<tool_call>${tool.name}\n`,
              rules.taggedArguments(tool, (name) => ({
                open: ['<arg_key>', name, '</arg_key>\n<arg_value>'],
                close: '</arg_value>\n',
              })),
              '</tool_call>',
            ),
          ),
        ),
        '\n',
        parallel,
      ),
  },
  describe: (tools) =>
    `# Tools\n\nYou may call one or more functions to assist with the user query.\n\nYou are provided with function signatures within <tools></tools> XML tags:\n<tools>\n${listOfTools(tools)}\n</tools>\n\nFor each function call, output the function name and arguments within the following XML format:\n<tool_call>{function-name}\n<arg_key>{arg-key-1}</arg_key>\n<arg_value>{arg-value-1}</arg_value>\n...\n</tool_call>`,
  writeCalls: (calls) => calls.map(writeCall).join('\n'),
}

function writeCall(call: ToolCall): string {
  const values = Object.entries(argumentsOf(call) ?? {}).map(
    ([key, value]) =>
      `<arg_key>${key}</arg_key>\n<arg_value>${typeof value === 'string' ? value : json(value)}</arg_value>\n`,
  )
  return `<tool_call>${call.name}\n${values.join('')}</tool_call>`
}

function* readCall({ incoming, parts, tools }: Answer): Reading<boolean> {
  let head = ''
  const end = yield* incoming.until(['\n', '<arg_key>', '</tool_call>'], (text) => {
    head += text
  })
  const name = head.trim()
  if (end === undefined || !/^[\w.-]+$/.test(name)) return false
  parts.call(name)
  incoming.commit()
  const values = new TaggedArguments((text) => parts.arguments(text))
  let inKey = end === '<arg_key>'
  for (;;) {
    if (!inKey) {
      yield* incoming.space()
      if (end === '</tool_call>' || !(yield* incoming.takes('<arg_key>'))) break
    }
    inKey = false
    let key = ''
    const closed = yield* incoming.until(['</arg_key>', '\n'], (text) => {
      key += text
    })
    yield* incoming.space()
    if (closed !== '</arg_key>' || !(yield* incoming.takes('<arg_value>'))) break
    const kind = argumentKind(propertyOf(tools.get(name)?.parameters, key))
    if (!(yield* values.read(incoming, key, kind, ['</arg_value>']))) return true
    incoming.commit()
  }
  values.end()
  parts.separate()
  if (end !== '</tool_call>') yield* incoming.takes('</tool_call>')
  incoming.commit()
  return true
}
