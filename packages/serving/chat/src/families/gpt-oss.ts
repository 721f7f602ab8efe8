/**
 * gpt-oss: a response is a sequence of messages on channels: `analysis` is reasoning, `final` and `commentary` are text, and messages
 * `to=functions.f` are calls.
 */

import type { Message, ToolCall } from '../conversation.ts'
import type { Answer } from '../parse/answer.ts'
import type { Reading } from '../parse/incoming.ts'
import { listOfTools } from './describe.ts'
import type { Family } from './family.ts'

/** Possible starts of a message header; the prompt ends after `<|start|>assistant`. */
const headBegins: readonly string[] = ['<|start|>', '<|channel|>', ' to=', 'to=']
const bodyEnds: readonly string[] = ['<|end|>', '<|call|>', '<|return|>']

export const gptOss: Family = {
  name: 'gpt-oss',
  read: readMessages,
  grammar: {
    triggers: (tools) => tools.map((tool) => `to=functions.${tool.name}`),
    calls: (rules, tools) =>
      rules.choice(
        ...tools.map((tool) =>
          rules.sequence(
            `to=functions.${tool.name}`,
            rules.optional('<|channel|>commentary'),
            rules.optional(rules.choice(' <|constrain|>json', ' json')),
            '<|message|>',
            rules.argumentsOf(tool),
          ),
        ),
      ),
  },
  channels: {
    reasoning: { start: '<|channel|>analysis<|message|>', end: '<|end|>' },
    next: '<|start|>assistant',
    text: '<|channel|>final<|message|>',
    call: '<|channel|>commentary ',
  },
  describe: (tools) => `# Tools\n\n## functions\n\n${listOfTools(tools)}`,
  writeCalls: (calls) => calls.map(writeCall).join(''),
  ownFields: thinkingField,
  // The model always reasons at least a little.
  ownVariables: ({ thinking, effort = thinking === false ? 'low' : undefined }) =>
    effort === undefined ? {} : { reasoning_effort: effort === 'max' ? 'high' : effort },
}

/** The template accepts either content or reasoning alongside calls, and treats both as reasoning. */
function thinkingField({ reasoning, content, toolCalls = [] }: Message): Readonly<Record<string, unknown>> {
  if (reasoning === undefined) return {}
  if (toolCalls.length === 0) return { thinking: reasoning }
  return { thinking: [reasoning, content].filter((text) => text !== '').join('\n\n'), content: '' }
}

const writeCall = (call: ToolCall): string =>
  `<|start|>assistant<|channel|>commentary to=functions.${call.name} <|constrain|>json<|message|>${call.arguments}<|call|>`

function* readMessages(answer: Answer): Reading<void> {
  const { incoming, parts, begins } = answer
  if (begins === 'in reasoning' || begins === 'amid reasoning') {
    if (begins === 'amid reasoning') parts.goesOn('reasoning')
    yield* incoming.until(bodyEnds, (text) => parts.reasoning(text))
  }
  if (begins === 'amid content') yield* incoming.until(bodyEnds, (text) => parts.content(text))
  while (yield* incoming.more()) {
    const head = yield* readHead(answer)
    if (head === undefined)
      yield* incoming.until(['<|start|>assistant', ...bodyEnds], (text) => parts.content(text))
    else yield* readBody(answer, head)
  }
}

/** Undefined if the text is not a message. An unterminated header is text. */
function* readHead({ incoming, parts }: Answer): Reading<string | undefined> {
  incoming.attempt('')
  for (const begin of headBegins) {
    if (!(yield* incoming.takes(begin))) continue
    let head = begin
    const end = yield* incoming.until(['<|message|>'], (text) => {
      head += text
    })
    const taken = incoming.endAttempt()
    if (end !== undefined) return head
    parts.content(taken)
    return undefined
  }
  incoming.endAttempt()
  return undefined
}

function* readBody({ incoming, parts, tools }: Answer, head: string): Reading<void> {
  const name = /to=functions\.([^\s<]+)/.exec(head)?.[1]
  const channel = [...head.matchAll(/<\|channel\|>(\w+)/g)].at(-1)?.[1]
  const isCall = name !== undefined && tools.size > 0
  if (isCall) parts.call(name)
  let empty = true
  yield* incoming.until(bodyEnds, (text) => {
    empty = false
    if (isCall) parts.arguments(text)
    else if (channel === 'analysis') parts.reasoning(text)
    else parts.content(text)
  })
  if (isCall && empty) parts.arguments('{}')
  if (isCall) parts.separate()
}
