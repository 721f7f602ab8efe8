/**
 * Llama 3: only `{"name": "f", "parameters": {}}`, several separated by `;`, sometimes after `<|python_tag|>`; in that case also
 * `f.call(a="text")` and, for a tool that runs code, the code itself.
 */

import type { ToolCall } from '../conversation.ts'
import { type Answer, readMarked } from '../parse/answer.ts'
import { readCallObject } from '../parse/call-reader.ts'
import type { Reading } from '../parse/incoming.ts'
import { parsed } from '../parse/json-reader.ts'
import { json, listOfTools } from './describe.ts'
import type { Family } from './family.ts'

const pythonTag = '<|python_tag|>'
const codeTools: readonly string[] = ['python', 'ipython', 'code_interpreter']

export const llama3: Family = {
  name: 'llama-3',
  read: (answer) => readMarked(answer, { begins: [pythonTag], read: readAfterTag, readBare: readObjects }),
  grammar: {
    triggers: (tools) => [pythonTag, ...tools.map((tool) => `{"name": ${json(tool.name)}`)],
    calls: (rules, tools, parallel) =>
      rules.sequence(
        rules.optional(pythonTag),
        rules.several(rules.callObject(tools, 'name', 'parameters'), '; ', parallel),
      ),
  },
  describe: (tools) =>
    `You have access to the following functions. To call a function, please respond with JSON for a function call. Respond in the format {"name": function name, "parameters": dictionary of argument name and its value}. Do not use variables.\n\n${listOfTools(tools)}`,
  writeCalls: (calls) => calls.map(writeCall).join('; '),
}

const writeCall = (call: ToolCall): string => `{"name": ${json(call.name)}, "parameters": ${call.arguments}}`

/** Consecutive objects that name a tool. */
function* readObjects({ incoming, parts, tools }: Answer): Reading<boolean> {
  let good = false
  for (;;) {
    yield* incoming.space()
    if (good && (yield* incoming.takes(';'))) yield* incoming.space()
    if (!(yield* readCallObject(incoming, parts, (name) => tools.has(name)))) return false
    good = true
  }
}

function* readAfterTag(answer: Answer): Reading<boolean> {
  const { incoming, parts, tools } = answer
  yield* incoming.space()
  if (!(yield* incoming.more())) return false
  if (incoming.text.startsWith('{')) return yield* readObjects(answer)
  for (const name of tools.keys())
    if (yield* incoming.takes(`${name}.call(`)) return yield* readBuiltIn(answer, name)
  const codeTool = codeTools.find((name) => tools.has(name))
  if (codeTool === undefined) return false
  parts.call(codeTool)
  parts.arguments('{"code": "')
  incoming.commit()
  yield* incoming.until([], (text) => parts.arguments(JSON.stringify(text).slice(1, -1)))
  parts.arguments('"}')
  incoming.commit()
  return true
}

/** `a="text", b=1)`, after `f.call(`. */
function* readBuiltIn({ incoming, parts }: Answer, name: string): Reading<boolean> {
  let rest = ''
  yield* incoming.until([], (text) => {
    rest += text
  })
  const list = /^(.*)\)\s*$/s.exec(rest)?.[1]
  if (list === undefined) return false
  const members: string[] = []
  const pattern = /\s*(\w+)\s*=\s*("(?:[^"\\]|\\.)*"|[^,"]+)\s*(?:,|$)/gsy
  while (pattern.lastIndex < list.length) {
    const [, key, value] = pattern.exec(list) ?? []
    if (key === undefined || value === undefined) return false
    members.push(`${JSON.stringify(key)}: ${parsed(value) === undefined ? JSON.stringify(value) : value}`)
  }
  parts.call(name)
  parts.arguments(`{${members.join(', ')}}`)
  incoming.commit()
  return true
}
