/** Arbitrary chats yield a prompt or a declared error. */

import { isHadalError } from '@hadal/base'
import {
  type AnswerFormat,
  type Chat,
  type Message,
  prepareChatSync,
  type Tool,
  type ToolChoice,
} from '@hadal/chat'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { modelWith, templateNames } from './templates.ts'

const scrap = fc.oneof(
  fc.constantFrom(
    '<think>',
    '</think>',
    '<|im_end|>',
    '[INST]',
    '<｜User｜>',
    '{{ 1 }}',
    '{% raw %}',
    '\u{E000}',
    '\ud800',
    '"',
    '\n',
  ),
  fc.string({ maxLength: 8 }),
)
const text = fc.array(scrap, { maxLength: 4 }).map((all) => all.join(''))
const json = fc.oneof(
  fc.json({ maxDepth: 2 }),
  fc.constantFrom('', '{}', '{"a": "x"}', '{"__proto__": 1}', '{"a": '),
)
const id = fc.constantFrom('', 'call_1', 'call_2', '123456789')

const call = fc.record({ id, name: fc.constantFrom('f', 'g', ''), arguments: json })
const message: fc.Arbitrary<Message> = fc.record(
  {
    role: fc.constantFrom('system', 'user', 'assistant', 'tool'),
    content: text,
    name: text,
    reasoning: text,
    toolCalls: fc.array(call, { maxLength: 3 }),
    toolCallId: id,
  },
  { requiredKeys: ['role', 'content'] },
)
const schema = fc.oneof(
  fc.constantFrom<Tool['parameters']>(
    true,
    {},
    {
      type: 'object',
      properties: { a: { type: 'string' }, b: { $ref: '#/$defs/b' } },
      $defs: { b: { enum: [1, 'x'] } },
      required: ['a'],
    },
    { type: 'object', properties: { a: { $ref: '#/nowhere' } } },
    { properties: [] } as never,
  ),
  fc.dictionary(
    fc.constantFrom('type', 'properties', 'required', 'enum', 'a'),
    fc.jsonValue({ maxDepth: 2 }),
  ),
)
const tool: fc.Arbitrary<Tool> = fc.record(
  {
    name: fc.constantFrom('f', 'g'),
    description: text,
    parameters: schema as fc.Arbitrary<NonNullable<Tool['parameters']>>,
    strict: fc.boolean(),
  },
  { requiredKeys: ['name'] },
)
const chat: fc.Arbitrary<Chat> = fc.record(
  {
    messages: fc.array(message, { maxLength: 5 }),
    tools: fc.array(tool, { maxLength: 2 }),
    toolChoice: fc.constantFrom<ToolChoice>('auto', 'none', 'required', { name: 'f' }),
    parallelToolCalls: fc.boolean(),
    thinking: fc.boolean(),
    effort: fc.constantFrom('low', 'medium', 'high', 'max'),
    thinkingBudget: fc.nat(9),
    continueLast: fc.boolean(),
    addGenerationPrompt: fc.boolean(),
    templateArguments: fc.dictionary(
      fc.constantFrom('tools', 'messages', 'namespace', 'range', 'thinking', '__proto__', 'x'),
      fc.jsonValue({ maxDepth: 2 }),
    ),
    format: fc.constantFrom<AnswerFormat>(
      { type: 'text' },
      { type: 'json' },
      { type: 'regex', pattern: 'a+' },
      { type: 'gbnf', gbnf: 'root ::= "' },
      { type: 'schema', schema: { type: 'integer' } },
    ),
  },
  { requiredKeys: ['messages'] },
)

describe('any chat', () => {
  it.each(templateNames)('is a prompt of %s or an error with a code', (name) => {
    fc.assert(
      fc.property(chat, text, (given, answer) => {
        try {
          const prepared = prepareChatSync(modelWith(name), given)
          expect(prepared.pieces.every((piece) => typeof piece === 'string')).toBe(true)
          const parser = prepared.parser()
          parser.push(answer)
          parser.end()
        } catch (thrown) {
          expect(isHadalError(thrown), String(thrown)).toBe(true)
        }
      }),
      { numRuns: 150 },
    )
  })
})
