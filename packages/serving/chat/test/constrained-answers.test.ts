/** Random texts of a chat's grammar are parsed by the same chat's parser as intended. */

import { type Chat, type OutputPart, type PreparedChat, prepareChatSync, type Tool } from '@hadal/chat'
import { describe, expect, it } from 'vitest'
import { type Grammar, type Node, readGbnf } from '../../grammar/test/gbnf-reader.ts'
import { isText, Sampler, seededRandom } from '../../grammar/test/sample-gbnf.ts'
import { modelWith, type TemplateName, templateNames } from './templates.ts'

const weather: Tool = {
  name: 'get_weather',
  parameters: {
    type: 'object',
    properties: {
      city: { type: 'string' },
      unit: { type: 'string', enum: ['C', 'F'] },
      zip: { type: 'string', pattern: '^[0-9]{5}$' },
      days: { $ref: '#/$defs/days' },
      near: { type: ['boolean', 'null'] },
    },
    required: ['city', 'days'],
    additionalProperties: false,
    $defs: { days: { type: 'integer', minimum: 1, maximum: 14 } },
  },
}
const ping: Tool = {
  name: 'ping',
  parameters: { type: 'object', properties: {}, additionalProperties: false },
}
const tools = [weather, ping]

function prepare(name: TemplateName, chat: Partial<Chat>): PreparedChat {
  return prepareChatSync(modelWith(name), { messages: [{ role: 'user', content: 'Hi' }], tools, ...chat })
}

/** The sampler does not support negated classes; samples letters and marker prefixes instead. */
function grammarOf({ grammar }: PreparedChat): { exact: Grammar; drawn: Grammar } {
  const exact = readGbnf(grammar!.gbnf)
  const letters = [...'abc <[{"\\\n'].map((char) => char.codePointAt(0)!)
  const positive = (node: Node): Node => {
    switch (node.kind) {
      case 'class': {
        if (!node.negated) return node
        const free = letters.filter((c) => !node.ranges.some(([a, b]) => a <= c && c <= b))
        return { kind: 'class', negated: false, ranges: free.map((c) => [c, c] as const) }
      }
      case 'rule':
        return node
      case 'repeat':
        return { ...node, item: positive(node.item) }
      default:
        return { ...node, items: node.items.map(positive) }
    }
  }
  return { exact, drawn: new Map([...exact].map(([name, body]) => [name, positive(body)])) }
}

function* samples(prepared: PreparedChat, count: number): Generator<string> {
  const sampler = new Sampler(grammarOf(prepared).drawn)
  for (let seed = 0; seed < count; seed += 1) yield sampler.sample(seededRandom(seed), seed * 2)
}

interface Answer {
  readonly content: string
  readonly calls: { name: string; arguments: string }[]
}

function read(prepared: PreparedChat, text: string): Answer {
  const parser = prepared.parser()
  const answer = { content: '', calls: [] as { name: string; arguments: string }[] }
  const add = (part: OutputPart): void => {
    if (part.type === 'content') answer.content += part.text
    else if (part.type === 'tool') answer.calls.push({ name: part.name, arguments: '' })
    else if (part.type === 'arguments') answer.calls.at(-1)!.arguments += part.text
  }
  for (const part of [...parser.push(text), ...parser.end()]) add(part)
  return answer
}

function expectGoodCall({ name, arguments: text }: Answer['calls'][number], because: string): void {
  const value = JSON.parse(text)
  if (name === 'ping') {
    expect(value, because).toEqual({})
    return
  }
  expect(name).toBe('get_weather')
  const { city, days, unit = 'C', zip = '00000', near = true, ...others } = value
  expect(others, because).toEqual({})
  expect(typeof city, because).toBe('string')
  expect(Number.isInteger(days) && days >= 1 && days <= 14, because).toBe(true)
  expect(['C', 'F'], because).toContain(unit)
  expect(zip, because).toMatch(/^[0-9]{5}$/)
  expect([true, false, null], because).toContain(near)
}

describe.each(templateNames)('%s', (name) => {
  it('calls tools when it has to', () => {
    const prepared = prepare(name, { toolChoice: 'required', thinking: false })
    const counts = new Set<number>()
    for (const text of samples(prepared, 150)) {
      const { content, calls } = read(prepared, text)
      expect(content, text).toBe('')
      expect(calls.length, text).toBeGreaterThan(0)
      for (const call of calls) expectGoodCall(call, text)
      counts.add(calls.length)
    }
    // In gpt-oss, a call ends the turn.
    if (name !== 'gptOss') expect(Math.max(...counts)).toBeGreaterThan(1)
  })

  it('calls the one tool it has to, once', () => {
    const prepared = prepare(name, { toolChoice: { name: 'ping' }, parallelToolCalls: false })
    for (const text of samples(prepared, 40)) {
      const { calls } = read(prepared, text)
      expect(
        calls.map(({ name }) => name),
        text,
      ).toEqual(['ping'])
      expectGoodCall(calls[0]!, text)
    }
  })

  it('calls a strict tool in its form, once it begins a call', () => {
    const prepared = prepare(name, { tools: [{ ...weather, strict: true }, ping] })
    const triggers = prepared.grammar!.after!
    expect(triggers.length).toBeGreaterThan(0)
    for (const text of samples(prepared, 60)) {
      expect(
        triggers.some((trigger) => text.startsWith(trigger)),
        text,
      ).toBe(true)
      const lead = name === 'gptOss' ? '<|channel|>commentary ' : ''
      for (const call of read(prepared, lead + text).calls) expectGoodCall(call, text)
    }
  })

  it('is free to call or not otherwise', () => {
    expect(prepare(name, {}).grammar).toBeUndefined()
    expect(prepare(name, { parallelToolCalls: false }).grammar?.after).toBeDefined()
  })

  it('answers in a format, or calls a tool', () => {
    const schema = {
      type: 'object',
      properties: { n: { type: 'integer' } },
      required: ['n'],
      additionalProperties: false,
    }
    const prepared = prepare(name, { format: { type: 'schema', schema }, thinking: false })
    let answers = 0
    for (const text of samples(prepared, 100)) {
      const { content, calls } = read(prepared, text)
      if (calls.length > 0) {
        expect(content, text).toBe('')
        for (const call of calls) expectGoodCall(call, text)
      } else {
        expect(Number.isInteger(JSON.parse(content).n), text).toBe(true)
        answers += 1
      }
    }
    expect(answers).toBeGreaterThan(0)
    expect(answers).toBeLessThan(100)
  })

  it('answers in a format alone', () => {
    const prepared = prepare(name, { tools: [], format: { type: 'regex', pattern: '^(yes|no)$' } })
    for (const text of samples(prepared, 30)) expect(read(prepared, text).content, text).toMatch(/^(yes|no)$/)
  })

  it('may reason first, unless reasoning is disabled', () => {
    const marks = {
      gptOss: ['<|channel|>analysis<|message|>', '<|end|><|start|>assistant<|channel|>final<|message|>'],
    } as const
    const [start, end] = name === 'gptOss' ? marks.gptOss : ['<think>', '</think>\n\n']
    const format: Chat['format'] = {
      type: 'gbnf',
      gbnf: 'root ::= "yes" | other\nother ::= [n] "o" # "root"',
    }
    const thinks: Partial<Record<TemplateName, string>> = {
      qwen3: start,
      glm: start,
      deepseekR1: '',
      deepseekV31: '',
      deepseekV4: '',
      gptOss: start,
    }
    const opened = thinks[name]
    const exactOf = (chat: Partial<Chat>): Grammar =>
      grammarOf(prepare(name, { tools: [], format: { type: 'regex', pattern: '^(yes|no)$' }, ...chat })).exact
    const thinking = exactOf({ thinking: true })
    expect(isText(thinking, `${opened ?? start}Hm < </thin.${end}no`)).toBe(opened !== undefined)
    expect(isText(thinking, `${opened ?? start}Hm.`)).toBe(false)
    if (name !== 'gptOss') expect(isText(exactOf({ thinking: false }), 'no')).toBe(true)
    expect(isText(exactOf({ thinking: false }), `${start}Hm.${end}no`)).toBe(name === 'gptOss')
    // A client's own grammar, in any position.
    const prepared = prepare(name, { tools: [], format })
    expect(prepared.grammar!.gbnf).toContain('"yes"')
  })
})

describe('calls as models write them', () => {
  const call = '{"city": "Paris", "days": 2}'
  const written: readonly (readonly [TemplateName, string])[] = [
    ['chatMl', `{"tool_calls": [{"name": "get_weather", "arguments": ${call}}]}`],
    [
      'qwen3',
      `<tool_call>\n{"name": "get_weather", "arguments": ${call}}\n</tool_call>\n<tool_call>\n{"name": "ping", "arguments": {}}\n</tool_call>`,
    ],
    ['qwen3', `<think>\nHm.\n</think>\n\n<tool_call>\n{"name": "ping", "arguments": {}}\n</tool_call>`],
    [
      'qwenCoder',
      '<tool_call>\n<function=get_weather>\n<parameter=city>\nPa\n\nris\n</parameter>\n<parameter=days>\n2\n</parameter>\n</function>\n</tool_call>',
    ],
    [
      'glm',
      '<think>Hm.</think>\n<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Paris</arg_value>\n<arg_key>days</arg_key>\n<arg_value>2</arg_value>\n</tool_call>',
    ],
    [
      'deepseekR1',
      `Hm.\n</think>\n\n<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n\`\`\`json\n${call}\n\`\`\`<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
    ],
    [
      'deepseekV31',
      `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>${call}<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
    ],
    [
      'deepseekV4',
      'Hm.</think>\n\n<｜DSML｜tool_calls>\n<｜DSML｜invoke name="get_weather">\n<｜DSML｜parameter name="city" string="true">Paris</｜DSML｜parameter>\n<｜DSML｜parameter name="days" string="false">2</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>',
    ],
    ['llama3', `{"name": "get_weather", "parameters": ${call}}`],
    ['mistral', `[TOOL_CALLS]get_weather[CALL_ID]000000001[ARGS]${call}`],
    [
      'gptOss',
      `<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>${call}`,
    ],
  ]

  it.each(written)('%s', (name, text) => {
    const prepared = prepare(name, { toolChoice: 'required' })
    expect(isText(grammarOf(prepared).exact, text)).toBe(true)
    for (const each of read(prepared, text).calls) expectGoodCall(each, text)
  })
})

describe('a schema that no grammar holds to', () => {
  const odd: Tool = {
    name: 'odd',
    parameters: {
      type: 'object',
      properties: { a: { type: 'array', contains: { type: 'string' }, minContains: 3 } },
      unevaluatedProperties: false,
      required: ['a'],
    },
  }

  it.each(['chatMl', 'qwenCoder'] as const)(
    'is refused of a strict tool, and let go of another one: %s',
    (name) => {
      const refused = (): PreparedChat => prepare(name, { tools: [{ ...odd, strict: true }] })
      expect(refused).toThrow(
        expect.objectContaining({ code: 'schema_unsupported', param: expect.stringContaining('odd') }),
      )
      const prepared = prepare(name, { tools: [odd], toolChoice: 'required' })
      for (const text of samples(prepared, 20))
        for (const call of read(prepared, text).calls) expect(() => JSON.parse(call.arguments)).not.toThrow()
    },
  )

  it('is refused of a format', () => {
    expect(() =>
      prepare('chatMl', { tools: [], format: { type: 'schema', schema: odd.parameters! } }),
    ).toThrow(expect.objectContaining({ code: 'schema_unsupported' }))
    expect(() => prepare('chatMl', { tools: [], format: { type: 'regex', pattern: '(' } })).toThrow(
      expect.objectContaining({ code: 'regex_invalid' }),
    )
  })
})

describe('a client’s own grammar', () => {
  const gbnf = 'root ::= a | "root" [a-z"\\]] a{2,3} # root\n  | <|end|> !<[7]>\na ::= "\\"a" root?'

  it('is passed on as it is where nothing stands before it', () => {
    expect(prepare('chatMl', { tools: [], format: { type: 'gbnf', gbnf } }).grammar).toEqual({ gbnf })
  })

  it('keeps its rules apart from others', () => {
    const { grammar } = prepare('deepseekR1', { tools: [], format: { type: 'gbnf', gbnf } })
    const prefix = /(inner-\d+)-root ::=/.exec(grammar!.gbnf)![1]!
    expect(grammar!.gbnf).toContain(
      `${prefix}-root ::= ${prefix}-a | "root" [a-z"\\]] ${prefix}-a{2,3} # root\n  | <|end|> !<[7]>\n${prefix}-a ::= "\\"a" ${prefix}-root?`,
    )
  })
})
