/**
 * DeepSeek V3, R1 and V3.1: a list of calls between special tokens. V3 and R1 write arguments as a code block, V3.1 as plain JSON; both are
 * accepted, because models mix them up.
 */

import type { ToolCall } from '../conversation.ts'
import { type Answer, readMarked } from '../parse/answer.ts'
import { readArguments } from '../parse/call-reader.ts'
import type { Reading } from '../parse/incoming.ts'
import { json } from './describe.ts'
import type { Family } from './family.ts'

const listBegin = '<｜tool▁calls▁begin｜>'
const listEnd = '<｜tool▁calls▁end｜>'
const callBegin = '<｜tool▁call▁begin｜>'
const callEnd = '<｜tool▁call▁end｜>'
const separator = '<｜tool▁sep｜>'

/** Variants that models sometimes write. */
const listBegins: readonly string[] = [
  listBegin,
  '<｜tool_calls_begin｜>',
  '<｜tool calls begin｜>',
  '<｜tool\\_calls\\_begin｜>',
  '<｜tool▁calls｜>',
]

/** `block`: arguments as a code block, as in V3 and R1. */
export function deepseekV3(block: boolean): Family {
  const before = (name: string): string =>
    block ? `${callBegin}function${separator}${name}\n\`\`\`json\n` : `${callBegin}${name}${separator}`
  const after = block ? `\n\`\`\`${callEnd}` : callEnd
  const between = block ? '\n' : ''
  const write = (call: ToolCall): string => `${before(call.name)}${call.arguments}${after}`
  return {
    name: block ? 'deepseek-v3' : 'deepseek-v3.1',
    read: (answer) =>
      readMarked(answer, {
        begins: [...listBegins, callBegin],
        within: ['```', callEnd, listEnd],
        endReasoning: true,
        read: readCalls,
      }),
    grammar: {
      triggers: () => [listBegin],
      calls: (rules, tools, parallel) =>
        rules.sequence(
          listBegin,
          rules.several(
            rules.choice(
              ...tools.map((tool) => rules.sequence(before(tool.name), rules.argumentsOf(tool), after)),
            ),
            between,
            parallel,
          ),
          listEnd,
        ),
    },
    describe: (tools) =>
      `## Tools\nYou have access to the following tools:\n\n${tools
        .map(
          ({ name, description, parameters }) =>
            `### ${name}\nDescription: ${description ?? ''}\n\nParameters: ${json(parameters ?? { type: 'object' })}\n\n`,
        )
        .join(
          '',
        )}IMPORTANT: ALWAYS adhere to this exact format for tool use:\n${listBegin}${before('tool_name')}{"argument": "value"}${after}${listEnd}\n\nFor several calls, write several between the begin and the end of the list.`,
    writeCalls: (calls) => `${listBegin}${calls.map(write).join(between)}${listEnd}`,
  }
}

function* readCalls(answer: Answer, begin: string): Reading<boolean> {
  const { incoming } = answer
  for (let count = 0; ; count += 1) {
    if (count > 0 || begin !== callBegin) {
      yield* incoming.space()
      if (!(yield* incoming.takes(callBegin))) {
        if (count === 0) return false
        break
      }
    }
    if (!(yield* readCall(answer))) return false
  }
  if (!(yield* incoming.takes(listEnd))) return false
  incoming.commit()
  return true
}

function* readCall({ incoming, parts }: Answer): Reading<boolean> {
  let head = ''
  if (
    (yield* incoming.until([separator, '\n'], (text) => {
      head += text
    })) !== separator
  )
    return false
  yield* incoming.space()
  if (!(yield* incoming.more())) return false
  let name = head
  if (!incoming.text.startsWith('{')) {
    name = ''
    const end = yield* incoming.until(['\n', '```json'], (text) => {
      name += text
    })
    if (end === undefined) return false
    yield* incoming.space()
    if (end === '\n' && (yield* incoming.takes('```'))) yield* incoming.takes('json')
    yield* incoming.space()
    if (!(yield* incoming.more()) || !incoming.text.startsWith('{')) return false
  }
  parts.call(name.trim())
  incoming.commit()
  const whole = yield* readArguments(incoming, (text) => parts.arguments(text))
  parts.separate()
  if (whole) {
    yield* incoming.space()
    if (yield* incoming.takes('```')) yield* incoming.space()
    yield* incoming.takes(callEnd)
  }
  incoming.commit()
  return whole
}
