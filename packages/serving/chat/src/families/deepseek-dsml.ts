/** DeepSeek V3.2 and V4: calls as tags of their own markup, with arguments as tags that state whether they are strings. */

import type { ToolCall } from '../conversation.ts'
import { type Answer, readMarked } from '../parse/answer.ts'
import type { Incoming, Reading } from '../parse/incoming.ts'
import { TaggedArguments } from '../parse/tagged-arguments.ts'
import { argumentsOf, json, listOfTools } from './describe.ts'
import type { Family } from './family.ts'

const mark = '｜DSML｜'
const blocks: readonly string[] = ['function_calls', 'tool_calls']

/** `block`: name of the call list, the only difference between V3.2 and V4 here. */
export function deepseekDsml(block: 'function_calls' | 'tool_calls'): Family {
  return {
    name: 'deepseek-dsml',
    read: (answer) =>
      readMarked(answer, {
        begins: blocks.map((name) => `<${mark}${name}>`),
        within: [
          `<${mark}invoke name="`,
          `<${mark}parameter name="`,
          `</${mark}invoke>`,
          `</${mark}${block}>`,
        ],
        endReasoning: true,
        read: readCalls,
      }),
    grammar: {
      triggers: () => [`<${mark}${block}>`],
      calls: (rules, tools, parallel) =>
        rules.sequence(
          `<${mark}${block}>\n`,
          rules.several(
            rules.choice(
              ...tools.map((tool) =>
                rules.sequence(
                  `<${mark}invoke name="${tool.name}">\n`,
                  rules.taggedArguments(tool, (name, isText) => ({
                    open: [`<${mark}parameter name="`, name, `" string="${isText}">`],
                    close: `</${mark}parameter>\n`,
                  })),
                  `</${mark}invoke>\n`,
                ),
              ),
            ),
            '',
            parallel,
          ),
          `</${mark}${block}>`,
        ),
    },
    describe: (tools) =>
      `## Tools\n\nYou have access to a set of tools you can use to answer the user's question.\nYou can invoke functions by writing a "<${mark}${block}>" block like the following as part of your reply to the user:\n<${mark}${block}>\n<${mark}invoke name="$FUNCTION_NAME">\n<${mark}parameter name="$PARAMETER_NAME" string="true|false">$PARAMETER_VALUE</${mark}parameter>\n...\n</${mark}invoke>\n</${mark}${block}>\n\nHere are the functions available in JSONSchema format:\n<functions>\n${listOfTools(tools)}\n</functions>`,
    ownVariables: ({ format }) => (format?.type === 'schema' ? { response_format: format.schema } : {}),
    writeCalls: (calls) => `<${mark}${block}>\n${calls.map(writeCall).join('')}</${mark}${block}>`,
  }
}

function writeCall(call: ToolCall): string {
  const parameters = Object.entries(argumentsOf(call) ?? {}).map(
    ([key, value]) =>
      `<${mark}parameter name="${key}" string="${typeof value === 'string'}">${typeof value === 'string' ? value : json(value)}</${mark}parameter>\n`,
  )
  return `<${mark}invoke name="${call.name}">\n${parameters.join('')}</${mark}invoke>\n`
}

function* readCalls(answer: Answer): Reading<boolean> {
  const { incoming } = answer
  let count = 0
  for (; ; count += 1) {
    yield* incoming.space()
    if (!(yield* incoming.takes(`<${mark}invoke name="`))) break
    if (!(yield* readInvoke(answer))) return false
  }
  if (count === 0) return false
  for (const name of blocks)
    if (yield* incoming.takes(`</${mark}${name}>`)) {
      incoming.commit()
      return true
    }
  return false
}

/** False if the call is incomplete; what was read has been emitted or is text. */
function* readInvoke({ incoming, parts }: Answer): Reading<boolean> {
  const name = yield* readLine(incoming, '">')
  if (name === undefined) return false
  parts.call(name)
  incoming.commit()
  const values = new TaggedArguments((text) => parts.arguments(text))
  for (;;) {
    yield* incoming.space()
    if (!(yield* incoming.takes(`<${mark}parameter name="`))) break
    const key = yield* readLine(incoming, '"')
    const rest = key === undefined ? undefined : yield* readLine(incoming, '>')
    if (key === undefined || rest === undefined) break
    const kind = rest.includes('string="false"') ? 'json' : 'text'
    if (!(yield* values.read(incoming, key, kind, [`</${mark}parameter>`]))) {
      incoming.commit()
      return false
    }
    incoming.commit()
  }
  values.end()
  parts.separate()
  yield* incoming.takes(`</${mark}invoke>`)
  incoming.commit()
  return true
}

/** Text before `end`; undefined if that is not on the same line. */
function* readLine(incoming: Incoming, end: string): Reading<string | undefined> {
  let all = ''
  const found = yield* incoming.until([end, '\n'], (text) => {
    all += text
  })
  return found === end ? all : undefined
}
