/** Recorded outputs of each family are parsed, with equal results for any chunking. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../../kernel/base/test/slow-tests.ts'
import type { OutputParser, OutputPart } from '../conversation.ts'
import { type Prefix, parserOf, type ReasoningMarks } from '../parse/answer.ts'
import { deepseekDsml } from './deepseek-dsml.ts'
import { deepseekV3 } from './deepseek-v3.ts'
import type { Family } from './family.ts'
import { generic } from './generic.ts'
import { glm } from './glm.ts'
import { gptOss } from './gpt-oss.ts'
import { hermes } from './hermes.ts'
import { llama3 } from './llama-3.ts'
import { mistral } from './mistral.ts'
import { qwenXml } from './qwen-xml.ts'

interface Recorded {
  readonly name: string
  readonly family: Family
  readonly text: string
  readonly begins?: Prefix
  /** Default `<think>`; null for models without reasoning. */
  readonly marks?: ReasoningMarks | null
  /** Tools by name; absent: none. */
  readonly tools?: Readonly<Record<string, unknown>>
  readonly content?: string
  readonly reasoning?: string
  /** Name, arguments, and the id if the model wrote one. */
  readonly calls?: readonly (readonly [name: string, json: string, id?: string])[]
}

const think: ReasoningMarks = { start: '<think>', end: '</think>' }
const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const tools = {
  get_time: city,
  get_weather: city,
  python: { type: 'object', properties: { code: { type: 'string' } } },
  count: {
    type: 'object',
    properties: {
      n: { type: 'integer' },
      unit: { type: 'string', enum: ['m', 'km'] },
      zip: { type: 'string', pattern: '^[0-9]{5}$' },
      many: { type: 'array' },
    },
  },
  ping: { type: 'object', properties: {} },
}
const v3 = deepseekV3(true)
const v31 = deepseekV3(false)
const v32 = deepseekDsml('function_calls')
const v4 = deepseekDsml('tool_calls')
const list = mistral(false, false)
const named = mistral(true, true)
const D = '｜DSML｜'

const recorded: readonly Recorded[] = [
  // Reasoning, opened by prompt or model.
  {
    name: 'plain text',
    family: hermes,
    text: "Hello, world!\nWhat's up?",
    content: "Hello, world!\nWhat's up?",
  },
  {
    name: 'reasoning opened by the prompt',
    family: hermes,
    begins: 'in reasoning',
    text: "I'm\nthinking\n</think>\n\nHello, world!\nWhat's up?",
    reasoning: "I'm\nthinking",
    content: "Hello, world!\nWhat's up?",
  },
  {
    name: 'reasoning opened by the prompt and by the model',
    family: v3,
    begins: 'in reasoning',
    text: '<think>\nHm.\n</think>Yes.',
    reasoning: 'Hm.',
    content: 'Yes.',
  },
  {
    name: 'reasoning opened by the model',
    family: hermes,
    text: '\n<think>\nHm. Is 1 < 2?\n</think>\n\nYes. ',
    reasoning: 'Hm. Is 1 < 2?',
    content: 'Yes. ',
  },
  { name: 'empty reasoning', family: hermes, text: '<think>\n\n</think>\n\nYes.', content: 'Yes.' },
  {
    name: 'reasoning that is not closed',
    family: hermes,
    text: '<think>Hm. And so',
    reasoning: 'Hm. And so',
  },
  {
    name: 'reasoning that goes on, its first space included',
    family: hermes,
    begins: 'amid reasoning',
    text: ' thinking</think>Hello',
    reasoning: ' thinking',
    content: 'Hello',
  },
  {
    name: 'a text that goes on',
    family: hermes,
    begins: 'amid content',
    text: " world!\n<think> isn't a tag here",
    content: " world!\n<think> isn't a tag here",
  },
  {
    name: 'marks within the text',
    family: hermes,
    text: 'Write <think>, then </think>.',
    content: 'Write <think>, then </think>.',
  },
  {
    name: 'a model that does not reason',
    family: hermes,
    marks: null,
    text: '<think>a</think>',
    content: '<think>a</think>',
  },
  {
    name: 'no tools, no calls',
    family: hermes,
    text: '<tool_call>{}</tool_call>',
    content: '<tool_call>{}</tool_call>',
  },
  { name: 'white space only', family: hermes, tools, text: ' \n ', content: ' \n ' },

  // Hermes, Qwen 2.5, Qwen 3.
  {
    name: 'hermes',
    family: hermes,
    tools,
    text: '<tool_call>\n{"name": "get_time", "arguments": {"city": "Paris"}}\n</tool_call>',
    calls: [['get_time', '{"city": "Paris"}']],
  },
  {
    name: 'hermes, without line breaks, after text',
    family: hermes,
    tools,
    text: 'Let me see.\n<tool_call>{"name": "get_time", "arguments": {"city": "Paris"}}</tool_call>',
    content: 'Let me see.',
    calls: [['get_time', '{"city": "Paris"}']],
  },
  {
    name: 'hermes, several, with reasoning, and text after them',
    family: hermes,
    tools,
    text: '<think>\nTwo.\n</think>\n\n<tool_call>\n{"name": "get_time", "arguments": {"city": "格 \\"x\\" }"}}\n</tool_call>\n<tool_call>\n{"arguments": {"city": "Oslo"}, "name": "get_weather"}\n</tool_call>\nDone.',
    reasoning: 'Two.',
    content: 'Done.',
    calls: [
      ['get_time', '{"city": "格 \\"x\\" }"}'],
      ['get_weather', '{"city": "Oslo"}'],
    ],
  },
  {
    name: 'hermes, arguments as a string, and none',
    family: hermes,
    tools,
    text: '<tool_call>\n{"name": "get_time", "arguments": "{\\"city\\": \\"Paris\\"}"}\n</tool_call>\n<tool_call>\n{"name": "ping"}\n</tool_call>',
    calls: [
      ['get_time', '{"city": "Paris"}'],
      ['ping', '{}'],
    ],
  },
  {
    name: 'hermes, broken beyond a call',
    family: hermes,
    tools,
    text: 'See: <tool_call>\n{"nam": "get_time"}\n</tool_call> so.',
    content: 'See: <tool_call>\n{"nam": "get_time"}\n</tool_call> so.',
  },
  {
    name: 'hermes, cut off',
    family: hermes,
    tools,
    text: '<tool_call>\n{"name": "get_time", "arguments": {"city": "Par',
    calls: [['get_time', '{"city": "Par']],
  },
  {
    name: 'hermes, no JSON at all',
    family: hermes,
    tools,
    text: '<tool_call> is how it begins',
    content: '<tool_call> is how it begins',
  },

  // Qwen3-Coder.
  {
    name: 'qwen-xml',
    family: qwenXml,
    marks: null,
    tools,
    text: '<tool_call>\n<function=python>\n<parameter=code>\ndef hello():\n    print("Hello, <b>world</b>!")\n\nhello()\n\n</parameter>\n</function>\n</tool_call>',
    calls: [['python', '{"code": "def hello():\\n    print(\\"Hello, <b>world</b>!\\")\\n\\nhello()\\n"}']],
  },
  {
    name: 'qwen-xml, kinds of arguments',
    family: qwenXml,
    tools,
    text: '<tool_call>\n<function=count>\n<parameter=n>\n12\n</parameter>\n<parameter=unit>\nkm\n</parameter>\n<parameter=zip>\n12345\n</parameter>\n<parameter=many>\n["a", 1]\n</parameter>\n<parameter=sure>\nTrue\n</parameter>\n<parameter=other>\nfree text\n</parameter>\n</function>\n</tool_call>',
    calls: [
      [
        'count',
        '{"n": 12, "unit": "km", "zip": "12345", "many": ["a", 1], "sure": true, "other": "free text"}',
      ],
    ],
  },
  {
    name: 'qwen-xml, a quoted string where only JSON is constrained',
    family: qwenXml,
    tools,
    text: '<tool_call>\n<function=count>\n<parameter=zip>\n"12345"\n</parameter>\n</function>\n</tool_call>',
    calls: [['count', '{"zip": "12345"}']],
  },
  {
    name: 'qwen-xml, two, the first without its tag',
    family: qwenXml,
    tools,
    text: 'Go.\n<function=ping>\n</function>\n</tool_call>\n<tool_call>\n<function=get_time>\n<parameter=city>\n格\n</parameter>\n</function>\n</tool_call>',
    content: 'Go.',
    calls: [
      ['ping', '{}'],
      ['get_time', '{"city": "格"}'],
    ],
  },
  {
    name: 'qwen-xml, out of reasoning that is not closed',
    family: qwenXml,
    begins: 'in reasoning',
    tools,
    text: 'Need to look.\n<tool_call>\n<function=ping>\n</function>\n</tool_call>',
    reasoning: 'Need to look.',
    calls: [['ping', '{}']],
  },
  {
    name: 'qwen-xml, cut off in a value',
    family: qwenXml,
    tools,
    text: '<tool_call>\n<function=python>\n<parameter=code>\nprint(1',
    calls: [['python', '{"code": "print(1']],
  },
  {
    name: 'qwen-xml, no call',
    family: qwenXml,
    tools,
    text: '#include <functional>\n<function=> <tool_call>x',
    content: '#include <functional>\n<function=> <tool_call>x',
  },

  // GLM.
  {
    name: 'glm',
    family: glm,
    tools,
    text: '<think>Two.</think>\nSo:\n<tool_call>get_time\n<arg_key>city</arg_key>\n<arg_value>Paris "</arg_value>\n</tool_call>\n<tool_call>count<arg_key>n</arg_key><arg_value>12</arg_value><arg_key>unit</arg_key><arg_value>km</arg_value></tool_call><tool_call>ping</tool_call>',
    reasoning: 'Two.',
    content: 'So:',
    calls: [
      ['get_time', '{"city": "Paris \\""}'],
      ['count', '{"n": 12, "unit": "km"}'],
      ['ping', '{}'],
    ],
  },
  {
    name: 'glm, no call',
    family: glm,
    tools,
    text: 'A <tool_call> begins one.',
    content: 'A <tool_call> begins one.',
  },

  // DeepSeek V3 and R1.
  {
    name: 'deepseek-v3',
    family: v3,
    begins: 'in reasoning',
    tools,
    text: '</think><｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_time\n```json\n{"city": "Paris"}```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    calls: [['get_time', '{"city": "Paris"}']],
  },
  {
    name: 'deepseek-v3, two after text',
    family: v3,
    tools,
    text: 'Two.\n<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_time\n```json\n{\n  "city": "Paris"\n}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>ping\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    content: 'Two.',
    calls: [
      ['get_time', '{\n  "city": "Paris"\n}'],
      ['ping', '{}'],
    ],
  },
  {
    name: 'deepseek-v3, out of reasoning',
    family: v3,
    begins: 'in reasoning',
    tools,
    text: 'Look it up.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>ping\n```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    reasoning: 'Look it up.',
    calls: [['ping', '{}']],
  },
  {
    name: 'deepseek-v3, cut off in its arguments',
    family: v3,
    tools,
    text: '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_time\n```json\n{"city":',
    calls: [['get_time', '{"city":']],
  },
  {
    name: 'deepseek-v3.1, content between reasoning and calls',
    family: v31,
    begins: 'in reasoning',
    tools,
    text: 'REASONING</think>CONTENT<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_time<｜tool▁sep｜>{"city": "Paris"}<｜tool▁call▁end｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city": "Paris"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    reasoning: 'REASONING',
    content: 'CONTENT',
    calls: [
      ['get_time', '{"city": "Paris"}'],
      ['get_weather', '{"city": "Paris"}'],
    ],
  },
  {
    name: 'deepseek-v3.1, a list that holds no call',
    family: v31,
    tools,
    text: 'So: <｜tool▁calls▁begin｜>nothing',
    content: 'So: <｜tool▁calls▁begin｜>nothing',
  },

  // DeepSeek V3.2 and V4.
  {
    name: 'deepseek-v3.2',
    family: v32,
    begins: 'in reasoning',
    tools,
    text: `Both.</think>Looking.\n\n<${D}function_calls>\n<${D}invoke name="get_time">\n<${D}parameter name="city" string="true">Paris "</${D}parameter>\n</${D}invoke>\n<${D}invoke name="count">\n<${D}parameter name="n" string="false">-14</${D}parameter>\n<${D}parameter name="many" string="false">["a",{"b":1}]</${D}parameter>\n</${D}invoke>\n</${D}function_calls>`,
    reasoning: 'Both.',
    content: 'Looking.',
    calls: [
      ['get_time', '{"city": "Paris \\""}'],
      ['count', '{"n": -14, "many": ["a",{"b":1}]}'],
    ],
  },
  {
    name: 'deepseek-v4, out of reasoning, without arguments',
    family: v4,
    begins: 'in reasoning',
    tools,
    text: `Ping it.\n\n<${D}tool_calls>\n<${D}invoke name="ping">\n\n</${D}invoke>\n</${D}tool_calls>`,
    reasoning: 'Ping it.',
    calls: [['ping', '{}']],
  },
  {
    name: 'deepseek-v4, a block that is none',
    family: v4,
    tools,
    text: `<${D}tool_calls> <${D}invoke nothing`,
    content: `<${D}tool_calls> <${D}invoke nothing`,
  },

  // Llama 3.
  {
    name: 'llama-3',
    family: llama3,
    tools,
    text: '{"name": "get_time", "parameters": {"city": "Paris"}}',
    calls: [['get_time', '{"city": "Paris"}']],
  },
  {
    name: 'llama-3, several, with a type',
    family: llama3,
    tools,
    text: ' {"type": "function", "name": "get_time", "parameters": {"city": "Paris"}}; {"name": "ping", "parameters": {}}',
    calls: [
      ['get_time', '{"city": "Paris"}'],
      ['ping', '{}'],
    ],
  },
  {
    name: 'llama-3, an object that is no call',
    family: llama3,
    tools,
    text: '{"name": "Paris", "parameters": {"n": 1}}',
    content: '{"name": "Paris", "parameters": {"n": 1}}',
  },
  {
    name: 'llama-3, JSON of another kind',
    family: llama3,
    tools,
    text: '{"success": true, "message": "Command executed"}',
    content: '{"success": true, "message": "Command executed"}',
  },
  {
    name: 'llama-3, a tag and an object',
    family: llama3,
    tools,
    text: '<|python_tag|>{"name": "get_time", "parameters": {"city": "Paris"}}',
    calls: [['get_time', '{"city": "Paris"}']],
  },
  {
    name: 'llama-3, a built-in tool',
    family: llama3,
    tools,
    text: '<|python_tag|>get_time.call(city="Paris, France", n=2)',
    calls: [['get_time', '{"city": "Paris, France", "n": 2}']],
  },
  {
    name: 'llama-3, code',
    family: llama3,
    tools,
    text: '<|python_tag|>print("hey")\nprint(1)',
    calls: [['python', '{"code": "print(\\"hey\\")\\nprint(1)"}']],
  },

  // Mistral.
  {
    name: 'mistral, a list',
    family: list,
    tools,
    text: '[TOOL_CALLS][{"name": "get_time", "arguments": {"city": "Paris"}, "id": "123456789"}, {"name": "ping", "arguments": {}}]',
    calls: [
      ['get_time', '{"city": "Paris"}'],
      ['ping', '{}'],
    ],
  },
  {
    name: 'mistral, names and arguments apart',
    family: named,
    marks: { start: '[THINK]', end: '[/THINK]' },
    tools,
    text: '[THINK]Say [TOOL_CALLS]x[ARGS]{} once.[/THINK]So.[TOOL_CALLS]get_time[CALL_ID]000000001[ARGS]{"city": "Paris"}[TOOL_CALLS]ping[ARGS]{}',
    reasoning: 'Say [TOOL_CALLS]x[ARGS]{} once.',
    content: 'So.',
    calls: [
      ['get_time', '{"city": "Paris"}', '000000001'],
      ['ping', '{}'],
    ],
  },
  {
    name: 'mistral, no call',
    family: named,
    tools,
    text: 'The token [TOOL_CALLS] begins one.\nSo it does.',
    content: 'The token [TOOL_CALLS] begins one.\nSo it does.',
  },

  // gpt-oss.
  {
    name: 'gpt-oss, reasoning and text',
    family: gptOss,
    text: "<|channel|>analysis<|message|>I'm\nthinking<|end|><|start|>assistant<|channel|>final<|message|>Hello, world!\nWhat's up?<|return|>",
    reasoning: "I'm\nthinking",
    content: "Hello, world!\nWhat's up?",
  },
  {
    name: 'gpt-oss, a call named in its channel',
    family: gptOss,
    tools,
    text: '<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary to=functions.get_time <|constrain|>json<|message|>{"city": "Paris"}<|call|>',
    reasoning: 'Hm.',
    calls: [['get_time', '{"city": "Paris"}']],
  },
  {
    name: 'gpt-oss, a call named in its role',
    family: gptOss,
    tools,
    text: ' to=functions.get_time<|channel|>analysis <|constrain|>json<|message|>{"city": "Paris"}',
    calls: [['get_time', '{"city": "Paris"}']],
  },
  {
    name: 'gpt-oss, a stray channel before the real one',
    family: gptOss,
    text: '<|channel|>commentary to=assistant<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>{}',
    reasoning: 'Hm.',
    content: '{}',
  },
  {
    name: 'gpt-oss, a preamble',
    family: gptOss,
    tools,
    text: '<|channel|>commentary<|message|>Let me see.<|end|><|start|>assistant<|channel|>commentary to=functions.ping <|constrain|>json<|message|>{}<|call|>',
    content: 'Let me see.',
    calls: [['ping', '{}']],
  },
  {
    name: 'gpt-oss, reasoning that goes on',
    family: gptOss,
    begins: 'amid reasoning',
    text: ' thinking<|end|><|start|>assistant<|channel|>final<|message|>Hello',
    reasoning: ' thinking',
    content: 'Hello',
  },
  { name: 'gpt-oss, no channel', family: gptOss, text: 'to be or not', content: 'to be or not' },

  // Generic format.
  {
    name: 'generic',
    family: generic,
    tools,
    text: '{"tool_calls": [{"name": "get_time", "arguments": {"city": "Paris"}}, {"name": "ping", "arguments": {}}]}',
    calls: [
      ['get_time', '{"city": "Paris"}'],
      ['ping', '{}'],
    ],
  },
  {
    name: 'generic, as a block of code',
    family: generic,
    tools,
    text: '```json\n{\n  "tool_calls": [\n    {"name": "get_time", "arguments": {"city": "Paris"}}\n  ]\n}\n```',
    calls: [['get_time', '{"city": "Paris"}']],
  },
  {
    name: 'generic, the call alone',
    family: generic,
    tools,
    text: '{"name": "get_time", "arguments": {"city": "Paris"}}',
    calls: [['get_time', '{"city": "Paris"}']],
  },
  {
    name: 'generic, after text',
    family: generic,
    tools,
    text: 'I will look.\n{"tool_calls": [{"name": "ping", "arguments": {}}]}',
    content: 'I will look.',
    calls: [['ping', '{}']],
  },
  {
    name: 'generic, an object that is no call',
    family: generic,
    tools,
    text: '{"city": "Paris", "n": 1}',
    content: '{"city": "Paris", "n": 1}',
  },
]

interface Read {
  content: string
  reasoning: string
  calls: { name: string; id: string; json: string }[]
}

function join(parts: readonly OutputPart[]): Read {
  const read: Read = { content: '', reasoning: '', calls: [] }
  for (const part of parts) {
    if (part.type === 'content' || part.type === 'reasoning') read[part.type] += part.text
    else if (part.type === 'tool') {
      expect(part.index).toBe(read.calls.length)
      read.calls.push({ name: part.name, id: part.id, json: '' })
    } else {
      expect(part.index).toBe(read.calls.length - 1)
      read.calls.at(-1)!.json += part.text
    }
  }
  return read
}

function parserFor({ family, begins = 'anew', marks = think, tools: given = {} }: Recorded): OutputParser {
  let calls = 0
  return parserOf(
    family.read,
    {
      begins,
      tools: new Map(Object.entries(given).map(([name, parameters]) => [name, { parameters }])),
      ...(marks !== null && { reasoning: marks }),
    },
    () => `new-${calls++}`,
  )
}

function readPieces(of: Recorded, pieces: readonly string[]): Read {
  const parser = parserFor(of)
  const parts = pieces.flatMap((piece) => parser.push(piece))
  return join([...parts, ...parser.end()])
}

describe.each(recorded)('$name', (of) => {
  const { text, content = '', reasoning = '', calls = [] } = of
  const expected = {
    content,
    reasoning,
    calls: calls.map(([name, json, id = expect.stringMatching(/^new-/)]) => ({ name, json, id })),
  }

  it('is read', () => {
    expect(readPieces(of, [text])).toEqual(expected)
  })

  it('is read the same wherever it is cut', () => {
    for (let cut = 0; cut <= text.length; cut += 1)
      expect(readPieces(of, [text.slice(0, cut), text.slice(cut)]), `cut at ${cut}`).toEqual(expected)
    expect(readPieces(of, text.split(''))).toEqual(expected)
  })

  it('is read to the same beginning when it ends early', () => {
    for (let end = 0; end <= text.length; end += 1) {
      const piece = text.slice(0, end)
      const early = readPieces(of, [piece])
      expect(readPieces(of, piece.split(''))).toEqual(early)
      // Parsed calls must not be repeated as text.
      for (const { json } of early.calls.filter((call) => call.json.length > 2))
        expect(early.content).not.toContain(json)
    }
  })
})

describe('a call that is cut off', () => {
  it.each([
    [hermes, '<tool_call>\n{"name": "ping"}\n</too'],
    [hermes, '<tool_call>\n{"name": "ping"}\n</tool_call>\n<tool'],
    [qwenXml, '<tool_call>\n<function=ping>\n<param'],
    [qwenXml, '<tool_call>\n<function=ping>\n</func'],
    [qwenXml, '<tool_call>\n<function=ping>\n</function>\n</'],
    [glm, '<tool_call>ping\n<arg_'],
    [glm, '<tool_call>ping\n</tool_call>\n<tool'],
    [v3, '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>ping\n```json\n{}\n``'],
    [v31, '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>ping<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁ca'],
    [v4, `<${D}tool_calls>\n<${D}invoke name="ping">\n<${D}para`],
    [v4, `<${D}tool_calls>\n<${D}invoke name="ping">\n</${D}invoke>\n</${D}tool`],
    [hermes, '<tool_call>\n{"name": "ping"}\n</tool_call>\n<tool_call>\n{"name": "pi'],
    [generic, '{"tool_calls": [{"name": "ping", "arguments": {}}, {"name"'],
    [generic, '{"tool_calls": [{"name": "ping", "arguments": {}},'],
    [list, '[TOOL_CALLS][{"name": "ping", "arguments": {}}, {"name": "ping"'],
    [llama3, '{"name": "ping", "parameters": {}}; {"name": "ping", "para'],
    [
      v3,
      '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>ping\n```json\n{}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>func',
    ],
  ])('leaves no scraps of its marks: $name', (family, text) => {
    expect(readPieces({ name: '', family, text, tools }, [text])).toMatchObject({
      content: '',
      calls: [{ name: 'ping', json: '{}' }],
    })
  })

  it('leaves what may be text', () => {
    const text = '<tool_call>\n{"name": "ping"}\n</tool_call>\n1 <'
    expect(readPieces({ name: '', family: hermes, text, tools }, [text]).content).toBe('1 <')
  })

  it('leaves what is no call after one', () => {
    const text = '{"tool_calls": [{"name": "ping", "arguments": {}}, what else?'
    expect(readPieces({ name: '', family: generic, text, tools }, [text]).content).toBe(', what else?')
  })
})

const families = [v3, v31, v32, v4, hermes, qwenXml, glm, llama3, list, named, gptOss, generic]
const scraps = [
  ...['<arg_key>', '</arg_key>', '<arg_value>', '</arg_value>', 'ping\n'],
  ...[
    '<think>',
    '</think>',
    '<tool_call>',
    '</tool_call>',
    '<function=ping>',
    '<parameter=a>',
    '</parameter>',
    '</function>',
  ],
  ...[
    '<｜tool▁calls▁begin｜>',
    '<｜tool▁call▁begin｜>',
    '<｜tool▁sep｜>',
    '<｜tool▁call▁end｜>',
    '<｜tool▁calls▁end｜>',
    '```json',
  ],
  ...[
    `<${D}function_calls>`,
    `<${D}tool_calls>`,
    `<${D}invoke name="ping">`,
    `<${D}parameter name="a" string="false">`,
  ],
  ...[
    `</${D}parameter>`,
    `</${D}invoke>`,
    `</${D}tool_calls>`,
    '<|python_tag|>',
    'ping.call(',
    '[TOOL_CALLS]',
    '[ARGS]',
    '[CALL_ID]',
  ],
  ...[
    '<|start|>',
    '<|channel|>',
    'analysis',
    'final',
    ' to=functions.ping',
    '<|message|>',
    '<|end|>',
    '<|call|>',
  ],
  ...[
    '{"tool_calls": [',
    '{"name": "ping"',
    ', "arguments": ',
    '{"a": 1}',
    '{',
    '}',
    '[',
    ']',
    '"',
    '\\',
    ',',
    ';',
    ':',
    '\n',
    ' ',
    'é',
    '🙂',
    'a',
  ],
]
const anyText = fc
  .array(fc.oneof(fc.constantFrom(...scraps), fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 24 })
  .map((all) => all.join(''))
const prefixes = fc.constantFrom<Prefix>('anew', 'in reasoning', 'amid reasoning', 'amid content')

describe('any text', () => {
  it.each(families)('of $name is parsed without an error, and the same however it is split', (family) => {
    fc.assert(
      fc.property(anyText, prefixes, fc.array(fc.nat(200), { maxLength: 4 }), (text, begins, cuts) => {
        const of: Recorded = { name: '', family, text, begins, tools }
        const at = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length]
        const pieces = at.slice(1).map((end, k) => text.slice(at[k], end))
        expect(readPieces(of, pieces)).toEqual(readPieces(of, [text]))
      }),
      { numRuns: runs(80, 300) },
    )
  })

  it.each(families.filter((family) => family !== gptOss))(
    'of $name keeps all its words when there is no call',
    (family) => {
      fc.assert(
        fc.property(anyText, prefixes, fc.boolean(), (text, begins, withTools) => {
          const { content, reasoning, calls } = readPieces(
            { name: '', family, text, begins, ...(withTools && { tools }) },
            [text],
          )
          if (calls.length > 0) return
          const bare = (all: string): string => all.replace(/\s|<think>|<\/think>/g, '')
          expect(bare(reasoning + content)).toBe(bare(text))
        }),
        { numRuns: runs(80, 300) },
      )
    },
  )

  it.each([v3, v31, hermes, list, named, gptOss])('of $name is read once', (family) => {
    fc.assert(
      fc.property(anyText, prefixes, (text, begins) => {
        const { content, reasoning, calls } = readPieces({ name: '', family, text, begins, tools }, [text])
        const read = content.length + reasoning.length + calls.reduce((sum, { json }) => sum + json.length, 0)
        expect(read).toBeLessThanOrEqual(text.length)
      }),
      { numRuns: runs(80, 300) },
    )
  })

  it.each(families)('of $name takes time that grows with its length', (family) => {
    // A quadratic parser would take minutes.
    const text = scraps.join('').repeat(200)
    const read = readPieces({ name: '', family, text, tools }, text.match(/.{1,7}/gsu)!)
    expect(read.content.length + read.reasoning.length + read.calls.length).toBeGreaterThan(0)
    readPieces({ name: '', family, text, tools }, [text])
  })
})
