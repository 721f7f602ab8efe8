import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withSystemText, withTexts, writtenTexts } from './written-texts.ts'

const said = (body: unknown): string[] => writtenTexts(body).texts.map(({ role, text }) => `${role}: ${text}`)

describe('the texts of a body', () => {
  it.each([
    [
      'chat',
      {
        messages: [
          { role: 'developer', content: 'a' },
          {
            role: 'user',
            name: 'ann',
            content: [
              { type: 'text', text: 'b' },
              { type: 'image_url', image_url: { url: 'x' } },
            ],
          },
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ function: { name: 'f', arguments: '{"q":"c"}' } }],
          },
          { role: 'tool', tool_call_id: '1', content: 'd' },
          { role: 'function', name: 'not a name', content: 'e' },
          { role: 'poet', content: 'f' },
        ],
        tools: [
          {
            type: 'function',
            function: {
              name: 'f',
              description: 'g',
              parameters: {
                properties: { q: { type: 'string', description: 'h', enum: ['i', 1], default: 'j' } },
              },
            },
          },
        ],
      },
      [
        'system: a',
        'user: b',
        'assistant: {"q":"c"}',
        'tool: d',
        'tool: not a name',
        'tool: e',
        'user: f',
        'system: g',
        'system: h',
        'system: i',
        'system: j',
      ],
    ],
    [
      'messages of Anthropic',
      {
        system: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }],
        messages: [
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: 'b' }] },
              { type: 'document', title: 'c', source: { type: 'text', media_type: 'text/plain', data: 'd' } },
              { type: 'text', text: 'e' },
            ],
          },
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: 'f', signature: 's' },
              { type: 'tool_use', id: 't', name: 'n', input: { q: 'g' } },
            ],
          },
        ],
      },
      ['system: a', 'tool: b', 'tool: c', 'tool: d', 'user: e', 'assistant: f', 'assistant: g'],
    ],
    [
      'responses',
      {
        instructions: 'a',
        input: [
          { role: 'user', content: [{ type: 'input_text', text: 'b' }] },
          { type: 'function_call', call_id: '1', name: 'f', arguments: '{}' },
          { type: 'function_call_output', call_id: '1', output: [{ type: 'input_text', text: 'c' }] },
          { type: 'reasoning', summary: [{ type: 'summary_text', text: 'd' }] },
          { type: 'item_reference', id: 'x' },
        ],
      },
      ['system: a', 'user: b', 'assistant: {}', 'tool: c', 'assistant: d'],
    ],
    ['responses of one text', { input: 'a' }, ['user: a']],
    ['completions', { prompt: ['a', 'b'], suffix: 'c' }, ['user: a', 'user: b', 'user: c']],
    [
      'native prompts',
      { prompt: [{ prompt_string: 'a', multimodal_data: [] }, ['b', 7]] },
      ['user: a', 'user: b'],
    ],
    [
      'a prompt in the markup of its model',
      { prompt: '<|im_start|>system\na<|im_end|>\n<|im_start|>user\nb <| c<|im_end|>\n[INST] d [/INST]' },
      ['user: system\na', 'user: user\nb <| c', 'user:  d '],
    ],
    [
      'a prompt with marks of no template',
      { prompt: '<|an attack in bars|>\n<｜and another｜>\n<|im_end|> a' },
      ['user: <|an attack in bars|>\n<｜and another｜>\n', 'user:  a'],
    ],
    [
      'items with fields of another type',
      {
        input: [
          { type: 'function_call_output', role: 'assistant', call_id: '1', output: 'a' },
          { type: 'function_call_output', call_id: '1', content: 'b', arguments: 'c', output: 'd' },
          { type: 'message', role: 'user', content: 'e', arguments: {} },
        ],
      },
      ['tool: a', 'user: b', 'tool: d', 'assistant: c', 'user: e'],
    ],
    [
      'infill',
      {
        input_prefix: 'a',
        prompt: 'b',
        input_suffix: ['c', 3],
        input_extra: [{ filename: 'x y', text: 'd' }],
      },
      ['tool: x y', 'tool: d', 'user: a', 'user: b', 'user: c'],
    ],
    [
      'variables of a prompt that is stored elsewhere',
      { prompt: { id: 'p', variables: { a: 'b', c: { type: 'input_text', text: 'd' } } }, input: 'e' },
      ['user: e', 'user: b', 'user: d'],
    ],
    [
      'several prompts beside a prefix',
      { input_prefix: '', prompt: [['a', 1], { prompt_string: 'b' }] },
      ['user: a', 'user: b'],
    ],
    ['variables of templates', { chat_template_kwargs: { enable_thinking: false, style: 'a' } }, ['user: a']],
    [
      'roles and types of another kind',
      {
        messages: [
          { role: 'constructor', content: 'a' },
          { role: [['user']], content: [{ type: ['tool_result'], text: 'b' }] },
          { role: 'user', content: [{ type: 'tool_use', input: { q: 'c' } }] },
        ],
      },
      ['user: a', 'user: b', 'user: c'],
    ],
    ['nothing', null, []],
    [
      'another shape',
      { messages: [null, 4, { content: [[], 5, null] }], prompt: {}, input: 7, tools: [null] },
      [],
    ],
  ])('of %s are read with who wrote them', (_, body, texts) => {
    expect(said(body)).toEqual(texts)
    expect(
      withTexts(
        body,
        writtenTexts(body).texts.map(({ text }) => text),
      ),
    ).toEqual(body)
  })

  it.each([
    [{ prompt: [1, 2] }, true],
    [{ prompt: [[1], [2]] }, true],
    [{ prompt: ['a', 2] }, true],
    [{ prompt: [['a', 2]] }, true],
    [{ input_prefix: [1] }, true],
    [{ prompt: 'a' }, false],
    [{ prompt: ['a'] }, false],
  ])('report whether the body also holds tokens: %j', (body, hasTokens) => {
    expect(writtenTexts(body).hasTokens).toBe(hasTokens)
  })

  it('stand in one group where they follow one another in a prompt', () => {
    const { texts } = writtenTexts({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
        { role: 'user', content: 'c' },
        { role: 'assistant', content: 'd' },
        { role: 'user', content: 'e' },
      ],
      prompt: ['f', 'g'],
    })
    const groups = texts.map(({ group }) => group)
    expect(new Set(groups.slice(0, 3)).size).toBe(1)
    expect(new Set(groups.slice(2)).size).toBe(5)
    const begun = writtenTexts({ input_prefix: 'a', prompt: 'b', input_suffix: 'c' }).texts
    expect(begun[1]!.group).toBe(begun[0]!.group)
    expect(begun[2]!.group).not.toBe(begun[0]!.group)
  })

  it('are no more than a dialect takes: each costs some time', () => {
    const of = (count: number) => ({ prompt: Array<string>(count).fill('a') })
    expect(writtenTexts(of(32_768)).texts).toHaveLength(32_768)
    expect(() => writtenTexts(of(32_769))).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })

  it('are put in place of others, and nothing else is touched', () => {
    const body = {
      model: 'm',
      messages: [
        { role: 'user', content: 'a' },
        { role: 'user', content: '' },
      ],
      prompt: ['b'],
      n: 2,
    }
    expect(withTexts(body, ['x', 'y'])).toEqual({
      model: 'm',
      messages: [
        { role: 'user', content: 'x' },
        { role: 'user', content: '' },
      ],
      prompt: ['y'],
      n: 2,
    })
    expect(body.messages[0]!.content).toBe('a')
  })

  it('have a last one of the system, which can be changed', () => {
    const change = (text: string): string => `${text}!`
    expect(withSystemText({ system: 'a', tools: [{ description: 'b' }] }, change)).toEqual({
      system: 'a!',
      tools: [{ description: 'b' }],
    })
    const none = { messages: [{ role: 'user', content: 'a' }] }
    expect(withSystemText(none, change)).toBe(none)
  })

  it('of any body are read twice in the same order, and deep ones are refused', () => {
    const key = fc.constantFrom(
      'messages',
      'role',
      'content',
      'text',
      'type',
      'system',
      'input',
      'output',
      'prompt',
      'tools',
      'arguments',
      'tool_calls',
      'function',
      'summary',
      'source',
      '__proto__',
    )
    const body = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.constantFrom('user', 'tool_result', 'reasoning', 'document'),
        fc.integer(),
        fc.constant(null),
        fc.array(tie('value')),
        fc.dictionary(key, tie('value')),
      ),
    })).value
    fc.assert(
      fc.property(body, (value) => {
        let texts: readonly { readonly text: string }[]
        try {
          texts = writtenTexts(value).texts
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_request' })
          return
        }
        const renamed = texts.map((_, at) => `t${at}`)
        expect(writtenTexts(withTexts(value, renamed)).texts.map(({ text }) => text)).toEqual(renamed)
      }),
    )
    let deep: unknown = 'a'
    for (let at = 0; at < 100_000; at += 1) deep = [deep]
    for (const field of ['messages', 'system', 'input', 'tools'])
      expect(
        () =>
          writtenTexts({ [field]: field === 'messages' || field === 'input' ? [{ content: deep }] : deep }),
        field,
      ).toThrow(expect.objectContaining({ code: 'invalid_request' }))
    expect(() =>
      writtenTexts({ prompt: deep, messages: [{ role: deep, content: { type: deep } }] }),
    ).not.toThrow()
  })
})
