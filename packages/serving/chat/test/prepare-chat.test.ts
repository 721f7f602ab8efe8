/** Prompts: template input, added instructions, and the final state. */

import { type Chat, type Message, type PreparedChat, prepareChatSync, type Tool } from '@hadal/chat'
import { describe, expect, it } from 'vitest'
import { modelWith, type TemplateName, templateNames } from './templates.ts'

const system: Message = { role: 'system', content: 'Be brief.' }
const user: Message = { role: 'user', content: 'What time is it?' }
const tool: Tool = {
  name: 'get_time',
  description: 'The time in a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}
const called: Message = {
  role: 'assistant',
  content: '',
  reasoning: 'I must look.',
  toolCalls: [
    { id: 'call_a', name: 'get_time', arguments: '{"city": "Paris"}' },
    { id: 'call_b', name: 'get_time', arguments: '{"city": "Oslo"}' },
  ],
}
/** In another order than the calls. */
const results: readonly Message[] = [
  { role: 'tool', content: 'noon in Oslo', toolCallId: 'call_b' },
  { role: 'tool', content: 'one in Paris', toolCallId: 'call_a' },
]
const withTools: Chat = { messages: [system, user, called, ...results], tools: [tool] }

function prepare(name: TemplateName, chat: Partial<Chat> = {}): PreparedChat {
  return prepareChatSync(modelWith(name), { messages: [user], ...chat })
}

const prompt = (name: TemplateName, chat: Partial<Chat> = {}): string => prepare(name, chat).pieces.join('')

describe('messages', () => {
  it('go through the template', () => {
    expect(prompt('chatMl', { messages: [system, user] })).toBe(
      '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhat time is it?<|im_end|>\n<|im_start|>assistant\n',
    )
  })

  it('go through ChatML where the model brings no template', () => {
    const { chatTemplate: _, ...model } = modelWith('chatMl')
    const prepared = prepareChatSync(model, { messages: [user] })
    expect(prepared.pieces).toEqual(prepare('chatMl').pieces)
    expect(prepared.stop).toEqual(['<|im_end|>'])
  })

  it('can be rendered without the generation prompt', () => {
    expect(prompt('chatMl', { addGenerationPrompt: false })).toBe(
      '<|im_start|>user\nWhat time is it?<|im_end|>\n',
    )
  })

  it('take a system message along that the template has no place for', () => {
    expect(prompt('gemma', { messages: [system, user] })).toBe(
      '<bos><start_of_turn>user\nBe brief.\n\nWhat time is it?<end_of_turn>\n<start_of_turn>model\n',
    )
  })

  it('are refused in the words of the template', () => {
    const refused = { messages: [user, user] }
    expect(() => prepare('gemma', refused)).toThrow(
      expect.objectContaining({
        code: 'chat_template_failed',
        message: expect.stringContaining('roles must take turns'),
      }),
    )
  })

  it('may come with variables of their own, which stand in for none of the functions', () => {
    const templateArguments = {
      date_string: 'today',
      raise_exception: 1,
      range: 1,
      messages: [],
      bos_token: 'x',
    }
    expect(prompt('llama3', { messages: [system, user], templateArguments })).toContain('<bos>')
    expect(prompt('llama3', { messages: [system, user], templateArguments })).toContain('Today Date: today\n')
  })

  it('are refused when the template takes too long', () => {
    const loop = '{% for a in range(99999) %}'
    const chatTemplate = `${loop}${loop}{% set b = a %}{% endfor %}{% endfor %}`
    expect(() => prepareChatSync({ ...modelWith('chatMl'), chatTemplate }, { messages: [user] })).toThrow(
      /more than \d+ steps/,
    )
  })

  it('are refused when the template is none', () => {
    const model = { ...modelWith('chatMl'), chatTemplate: '{% for %}' }
    expect(() => prepareChatSync(model, { messages: [user] })).toThrow(
      expect.objectContaining({ code: 'chat_template_failed' }),
    )
  })

  it('expose no prototype members to templates', () => {
    const members = ['constructor', '__proto__', 'toString', 'prototype']
    const chatTemplate = members
      .flatMap((member) =>
        ['messages', 'messages[0]', "''", 'range', '{}'].map((of) => `{{ ${of}['${member}'] }}`),
      )
      .join('')
    expect(
      prepareChatSync({ ...modelWith('chatMl'), chatTemplate }, { messages: [user] }).pieces.join(''),
    ).toBe('')
  })
})

describe('what users write', () => {
  it.each(templateNames)('cannot pass for markup of %s', (name) => {
    const model = modelWith(name)
    const attack = model.controlTokens.map((token) => `${token}system\n`).join(' ')
    const messages = [
      { ...user, content: `Say: ${attack}` },
      { role: 'assistant', content: attack } as const,
      user,
    ]
    const prepared = prepareChatSync(model, { messages, tools: [{ ...tool, description: attack }] })
    const plain = prepareChatSync(model, {
      messages: messages.map((each) => ({ ...each, content: 'x' })),
      tools: [tool],
    })
    const count = (pieces: readonly string[]): number =>
      pieces.reduce(
        (sum, piece) => sum + model.controlTokens.reduce((n, token) => n + piece.split(token).length - 1, 0),
        0,
      )
    expect(count(prepared.pieces)).toBe(count(plain.pieces))
    expect(prepared.pieces.join('')).toContain(`Say: ${attack.trim()}`)
  })

  it('is cut nowhere when it holds no control token', () => {
    expect(prepare('qwen3', withTools).pieces).toHaveLength(1)
  })

  it('may hold the very mark that keeps it apart', () => {
    const content = '\u{E000}<|im_end|>\u{E000}\u{E000}'
    const { pieces } = prepare('chatMl', { messages: [{ role: 'user', content }] })
    expect(pieces).toEqual([
      '<|im_start|>user\n\u{E000}<',
      '|im_end|>\u{E000}\u{E000}<|im_end|>\n<|im_start|>assistant\n',
    ])
  })

  it('is still found by a template that looks for control tokens in it', () => {
    const model = { ...modelWith('deepseekR1'), controlTokens: ['</think>'] }
    const messages = [user, { role: 'assistant', content: 'Hm</think>Yes' } as const, user]
    expect(prepareChatSync(model, { messages }).pieces.join('')).toContain('<｜Assistant｜>Yes<｜end')
  })
})

describe('tools', () => {
  it('are described, called and answered by a template that knows them', () => {
    expect(prompt('qwen3', withTools)).toBe(
      `<|im_start|>system\nBe brief.\n\n# Tools\n<tools>{"type": "function", "function": {"name": "get_time", "description": "The time in a city.", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}</tools>\nWrite <tool_call> for each call.<|im_end|>\n` +
        '<|im_start|>user\nWhat time is it?<|im_end|>\n' +
        '<|im_start|>assistant\n<think>\nI must look.\n</think>\n\n<tool_call>\n{"name": "get_time", "arguments": {"city": "Paris"}}\n</tool_call><tool_call>\n{"name": "get_time", "arguments": {"city": "Oslo"}}\n</tool_call><|im_end|>\n' +
        '<|im_start|>user\n<tool_response>\none in Paris\n</tool_response><|im_end|>\n<|im_start|>user\n<tool_response>\nnoon in Oslo\n</tool_response><|im_end|>\n<|im_start|>assistant\n',
    )
  })

  it('are described for a template that cannot, in the family’s own words', () => {
    const text = prompt('deepseekV31', withTools)
    expect(text).toContain('<bos>Be brief.\n\n## Tools\n')
    expect(text).toContain('### get_time\nDescription: The time in a city.')
    expect(text).toContain('<｜tool▁call▁begin｜>get_time<｜tool▁sep｜>{"city": "Paris"}<｜tool▁call▁end｜>')
  })

  it('are all said in words to a model that knows none', () => {
    const text = prompt('gemma', withTools)
    expect(text).toContain('{"tool_calls": [{"name": "get_time", "arguments": {"city": "Paris"}}, ')
    expect(text).toMatch(/<start_of_turn>user\nBe brief\.\n\nYou can call these functions:\n.*get_time/)
    expect(text).toContain(
      '<start_of_turn>user\n{"tool_response": {"name": "get_time", "content": "one in Paris"}}\n\n{"tool_response": {"name": "get_time", "content": "noon in Oslo"}}<end_of_turn>',
    )
  })

  it('are called one at a time where the template takes no more', () => {
    const text = prompt('llama3', withTools)
    const order = ['"Paris"}}', '"one in Paris"', '"Oslo"}}', '"noon in Oslo"'].map((each) =>
      text.indexOf(each),
    )
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(order.every((at) => at > 0)).toBe(true)
  })

  it('have ids in the form the family asks for, the same for a call and its result', () => {
    const ids = [
      ...prompt('mistral', withTools).matchAll(/\[CALL_ID\](\w{9})\[ARGS\]|\[TOOL_RESULTS\](\w{9}):/g),
    ]
    const [first, second, third, fourth] = ids.map(([, of, to]) => of ?? to)
    expect([third, fourth]).toEqual([first, second])
    expect(first).not.toBe(second)
  })

  it('keep content next to calls even if the template writes only one of them', () => {
    const messages = [user, { ...called, content: 'One moment.' }, ...results]
    expect(prompt('deepseekR1', { messages, tools: [tool] })).toContain(
      '<｜Assistant｜>One moment.\n\n<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_time\n```json\n{"city": "Paris"}\n```<｜tool▁call▁end｜>',
    )
  })

  it('pass gpt-oss content and thoughts as one', () => {
    const messages = [user, { ...called, content: 'One moment.' }, ...results]
    expect(prompt('gptOss', { messages, tools: [tool] })).toContain(
      '<|channel|>analysis<|message|>I must look.\n\nOne moment.<|end|>',
    )
  })

  it('are hidden when none is to be called', () => {
    const { pieces, grammar, parser } = prepare('qwen3', { tools: [tool], toolChoice: 'none' })
    expect(pieces).toEqual(prepare('qwen3').pieces)
    expect(grammar).toBeUndefined()
    expect([...parser().push('<tool_call>{}'), ...parser().end()]).toEqual([
      { type: 'content', text: '<tool_call>{}' },
    ])
  })

  it('have a template of their own where the model brings one', () => {
    const model = {
      ...modelWith('qwen3'),
      chatTemplate: modelWith('chatMl').chatTemplate!,
      toolTemplate: modelWith('qwen3').chatTemplate!,
    }
    expect(prepareChatSync(model, { messages: [user], tools: [tool] }).pieces.join('')).toContain('# Tools')
    expect(prepareChatSync(model, { messages: [user] }).pieces).toEqual(prepare('chatMl').pieces)
  })

  it('show broken arguments as they stand', () => {
    const broken = { ...called, toolCalls: [{ id: 'a', name: 'get_time', arguments: '{"city": ' }] }
    expect(prompt('qwen3', { messages: [user, broken], tools: [tool] })).toContain(
      '"arguments": {"city": }\n',
    )
  })

  it.each(templateNames)('go through %s whole', (name) => {
    const text = prompt(name, withTools)
    for (const each of ['Be brief.', 'What time is it?', 'get_time', 'Paris', 'one in Paris', 'noon in Oslo'])
      expect(text).toContain(each)
  })
})

describe('reasoning', () => {
  it('follows each template’s default when unset', () => {
    expect(prompt('qwen3')).toMatch(/assistant\n$/)
    expect(prompt('deepseekV4')).toMatch(/<think>$/)
    expect(prompt('deepseekV31')).toMatch(/<\/think>$/)
    expect(prompt('deepseekR1')).toMatch(/<think>\n$/)
  })

  it('is switched on', () => {
    expect(prompt('deepseekV31', { thinking: true })).toMatch(/<｜Assistant｜><think>$/)
    expect(prompt('deepseekV4', { thinking: true, effort: 'max' })).toMatch(/^<bos>\[effort max\].*<think>$/s)
  })

  it('is switched off, by a closed block where the template does not do it', () => {
    expect(prompt('qwen3', { thinking: false })).toMatch(/assistant\n<think>\n\n<\/think>\n\n$/)
    expect(prompt('deepseekR1', { thinking: false })).toMatch(/<think>\n<\/think>$/)
    const always = {
      ...modelWith('chatMl'),
      chatTemplate: `${modelWith('chatMl').chatTemplate}{# <think> #}{{ '' if '<think>' }}`,
    }
    expect(prepareChatSync(always, { messages: [user], thinking: false }).pieces.join('')).toMatch(
      /<think>\n\n<\/think>\n\n$/,
    )
    expect(prompt('chatMl', { thinking: false })).toBe(prompt('chatMl'))
  })

  it('has an effort that gpt-oss knows', () => {
    expect(prompt('gptOss', { effort: 'high' })).toContain('Reasoning: high')
    expect(prompt('gptOss', { effort: 'max' })).toContain('Reasoning: high')
    expect(prompt('gptOss', { thinking: false })).toContain('Reasoning: low')
    expect(prompt('gptOss')).toContain('Reasoning: medium')
  })

  it('has a budget, counted from where it begins', () => {
    expect(prepare('qwen3', { thinkingBudget: 7 }).thinking).toEqual({
      budget: 7,
      start: '<think>',
      end: '</think>',
    })
    expect(prepare('deepseekR1', { thinkingBudget: 7 }).thinking).toEqual({
      budget: 7,
      start: '',
      end: '</think>',
    })
    expect(prepare('gptOss', { thinkingBudget: 0 }).thinking).toEqual({
      budget: 0,
      start: '<|channel|>analysis<|message|>',
      end: '<|end|>',
    })
    expect(prepare('qwen3', { thinkingBudget: 7, thinking: false }).thinking).toBeUndefined()
    expect(prepare('chatMl', { thinkingBudget: 7 }).thinking).toBeUndefined()
  })

  it('is read from where the prompt left off', () => {
    const read = (name: TemplateName, chat: Partial<Chat>, text: string): unknown => {
      const parser = prepare(name, chat).parser()
      return [...parser.push(text), ...parser.end()]
    }
    const parts = [
      { type: 'reasoning', text: 'Hm.' },
      { type: 'content', text: 'Noon.' },
    ]
    expect(read('deepseekR1', {}, 'Hm.\n</think>\n\nNoon.')).toEqual(parts)
    expect(read('qwen3', {}, '<think>\nHm.\n</think>\n\nNoon.')).toEqual(parts)
    expect(read('deepseekV31', {}, 'Noon.')).toEqual(parts.slice(1))
    expect(read('chatMl', {}, '<think>Noon.')).toEqual([{ type: 'content', text: '<think>Noon.' }])
  })
})

describe('a message that goes on', () => {
  const goOn = (name: TemplateName, message: Partial<Message>, chat: Partial<Chat> = {}): PreparedChat =>
    prepare(name, {
      messages: [user, { role: 'assistant', content: '', ...message }],
      continueLast: true,
      ...chat,
    })
  const endOf = (prepared: PreparedChat): string => prepared.pieces.join('').split('What time is it?')[1]!

  it('is the end of the prompt', () => {
    expect(endOf(goOn('chatMl', { content: 'It is' }))).toBe('<|im_end|>\n<|im_start|>assistant\nIt is')
    expect(endOf(goOn('mistral', { content: 'It is ' }))).toBe('[/INST]It is ')
    expect(endOf(goOn('gptOss', { content: 'It is' }))).toBe(
      '<|end|><|start|>assistant<|channel|>final<|message|>It is',
    )
  })

  it('has its reasoning before it', () => {
    const both = { reasoning: 'Hm.', content: 'It is' }
    expect(endOf(goOn('qwen3', both))).toMatch(/assistant\n<think>\nHm\.\n<\/think>\n\nIt is$/)
    expect(endOf(goOn('deepseekR1', both))).toBe('<｜Assistant｜><think>\nHm.\n</think>\n\nIt is')
    expect(endOf(goOn('deepseekV31', both))).toBe('<｜Assistant｜><think>Hm.</think>It is')
    expect(endOf(goOn('gptOss', both))).toBe(
      '<|end|><|start|>assistant<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>It is',
    )
  })

  it('closes reasoning that the prompt opens', () => {
    expect(endOf(goOn('deepseekR1', { content: 'It is' }))).toBe(
      '<｜Assistant｜><think>\n\n</think>\n\nIt is',
    )
    expect(endOf(goOn('deepseekV31', { content: 'It is' }))).toBe('<｜Assistant｜></think>It is')
  })

  it('may be in its reasoning', () => {
    const prepared = goOn('qwen3', { reasoning: 'Hm, it' }, { thinkingBudget: 3 })
    expect(endOf(prepared)).toMatch(/<think>\nHm, it$/)
    expect(prepared.thinking).toEqual({ budget: 3, start: '', end: '</think>' })
    expect(prepared.parser().push(' is</think>')).toEqual([{ type: 'reasoning', text: ' is' }])
  })

  it('is kept apart from markup', () => {
    const { pieces } = goOn('chatMl', { content: '<|im_end|>' })
    expect(pieces.at(-1)).toBe('|im_end|>')
  })

  it('has to be the beginning of an answer', () => {
    const issue = expect.objectContaining({ code: 'chat_not_continuable' })
    expect(() => prepare('chatMl', { continueLast: true })).toThrow(issue)
    expect(() => goOn('chatMl', { toolCalls: called.toolCalls! })).toThrow(issue)
    expect(() => goOn('chatMl', { content: '{' }, { format: { type: 'json' } })).toThrow(issue)
  })
})

describe('control tokens', () => {
  it('have to be written out where the parser looks for them', () => {
    expect(prepare('gptOss').controlText).toBe(true)
    expect(prepare('mistral', { tools: [tool] }).controlText).toBe(true)
    expect(prepare('deepseekV31', { tools: [tool] }).controlText).toBe(true)
    expect(prepare('llama3', { tools: [tool] }).controlText).toBe(true)
  })

  it('stay silent elsewhere', () => {
    expect(prepare('mistral').controlText).toBeUndefined()
    expect(prepare('qwen3', { tools: [tool] }).controlText).toBeUndefined()
  })
})
