/**
 * Qwen3-Coder and later: `<tool_call><function=f><parameter=a>text</parameter></function></tool_call>`. Arguments are not JSON: strings by
 * schema are taken verbatim.
 */

import type { ToolCall } from '../conversation.ts'
import { type Answer, readMarked } from '../parse/answer.ts'
import { argumentKind, propertyOf } from '../parse/argument-kind.ts'
import type { Incoming, Reading } from '../parse/incoming.ts'
import { TaggedArguments } from '../parse/tagged-arguments.ts'
import { argumentsOf, json, listOfTools } from './describe.ts'
import type { Family } from './family.ts'

export const qwenXml: Family = {
  name: 'qwen-xml',
  read: (answer) =>
    readMarked(answer, {
      begins: ['<tool_call>', ...[...answer.tools.keys()].map((name) => `<function=${name}>`)],
      within: ['<parameter=', '</function>', '</tool_call>'],
      endReasoning: true,
      read: readCall,
    }),
  grammar: {
    triggers: () => ['<tool_call>'],
    calls: (rules, tools, parallel) =>
      rules.several(
        rules.choice(
          ...tools.map((tool) =>
            rules.sequence(
              `<tool_call>\n<function=${tool.name}>\n`,
              rules.taggedArguments(tool, (name) => ({
                open: ['<parameter=', name, '>\n'],
                close: '\n</parameter>\n',
              })),
              '</function>\n</tool_call>',
            ),
          ),
        ),
        '\n',
        parallel,
      ),
  },
  describe: (tools) =>
    `# Tools\n\nYou have access to the following functions:\n\n<tools>\n${listOfTools(tools)}\n</tools>\n\nIf you choose to call a function ONLY reply in the following format with NO suffix:\n\n<tool_call>\n<function=example_function_name>\n<parameter=example_parameter_1>\nvalue_1\n</parameter>\n</function>\n</tool_call>`,
  writeCalls: (calls) => calls.map(writeCall).join('\n'),
}

function writeCall(call: ToolCall): string {
  const parameters = Object.entries(argumentsOf(call) ?? {}).map(
    ([key, value]) =>
      `<parameter=${key}>\n${typeof value === 'string' ? value : json(value)}\n</parameter>\n`,
  )
  return `<tool_call>\n<function=${call.name}>\n${parameters.join('')}</function>\n</tool_call>`
}

function* readCall(answer: Answer, begin: string): Reading<boolean> {
  const { incoming } = answer
  if (begin !== '<tool_call>') return yield* readFunction(answer, begin.slice('<function='.length, -1))
  yield* incoming.space()
  return (yield* incoming.takes('<function=')) && (yield* readFunctionTag(answer))
}

/** After `<function=`. */
export function* readFunctionTag(answer: Answer): Reading<boolean> {
  const name = yield* readTagEnd(answer.incoming)
  return name !== undefined && (yield* readFunction(answer, name))
}

function* readFunction(answer: Answer, name: string): Reading<boolean> {
  const { incoming, parts, tools } = answer
  parts.call(name)
  incoming.commit()
  const values = new TaggedArguments((text) => parts.arguments(text))
  for (;;) {
    yield* incoming.space()
    if (!(yield* incoming.takes('<parameter='))) break
    const key = yield* readTagEnd(incoming)
    if (key === undefined) break
    yield* incoming.takes('\n')
    const kind = argumentKind(propertyOf(tools.get(name)?.parameters, key))
    if (!(yield* values.read(incoming, key, kind, ['\n</parameter>', '</parameter>']))) return true
    incoming.commit()
  }
  values.end()
  parts.separate()
  if (yield* incoming.takes('</function>')) yield* incoming.space()
  yield* incoming.takes('</tool_call>')
  incoming.commit()
  return true
}

/** Text before `>`; undefined if that is not on the same line. */
function* readTagEnd(incoming: Incoming): Reading<string | undefined> {
  let name = ''
  const end = yield* incoming.until(['>', '\n', '<'], (text) => {
    name += text
  })
  return end === '>' && name !== '' ? name : undefined
}
