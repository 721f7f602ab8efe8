import { describe, expect, it } from 'vitest'
import { familyOf } from './family-of.ts'

function nameOf(chatTemplate: string | undefined, architecture = 'llama'): string {
  const model = { id: 'm', architecture, bosToken: '', eosToken: '', controlTokens: [] }
  return familyOf(chatTemplate === undefined ? model : { ...model, chatTemplate }).name
}

describe('a family', () => {
  it.each([
    ['deepseek-dsml', "{% set dsml = '｜DSML｜' %}<function_calls>"],
    ['deepseek-v3', '<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json'],
    ['deepseek-v3.1', '<｜tool▁call▁begin｜>f<｜tool▁sep｜>'],
    ['gpt-oss', '<|start|>assistant<|channel|>final<|message|>'],
    ['mistral', '[TOOL_CALLS][{'],
    ['mistral', '[TOOL_CALLS]f[ARGS]'],
    ['qwen-xml', '<tool_call>\n<function=f>\n<parameter=a>'],
    ['hermes', '<tool_call>\n{"name":'],
    ['glm', '<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>'],
    ['llama-3', '<|start_header_id|>ipython<|end_header_id|>'],
  ])('is known by its marks: %s', (name, template) => {
    expect(nameOf(template)).toBe(name)
  })

  it('is not mistaken for one that writes alike', () => {
    expect(nameOf('<tool_call><invoke name=')).toBe('generic')
    expect(nameOf('<|start_header_id|>ipython >>>all')).toBe('generic')
  })

  it('is identified by its architecture when the template does not mention tools', () => {
    expect(nameOf('<|im_start|>', 'qwen2')).toBe('hermes')
    expect(nameOf('<｜User｜><｜Assistant｜>', 'deepseek2')).toBe('deepseek-v3')
    expect(nameOf('<|im_start|>')).toBe('generic')
  })

  it('is generic without a template', () => {
    expect(nameOf(undefined)).toBe('generic')
  })
})
