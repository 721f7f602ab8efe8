/** The parsers of tool calls, one for each family of models, fed in pieces as tokens arrive. */

import { deepseekDsml } from '../../packages/serving/chat/src/families/deepseek-dsml.ts'
import { deepseekV3 } from '../../packages/serving/chat/src/families/deepseek-v3.ts'
import type { Family } from '../../packages/serving/chat/src/families/family.ts'
import { generic } from '../../packages/serving/chat/src/families/generic.ts'
import { glm } from '../../packages/serving/chat/src/families/glm.ts'
import { gptOss } from '../../packages/serving/chat/src/families/gpt-oss.ts'
import { hermes } from '../../packages/serving/chat/src/families/hermes.ts'
import { llama3 } from '../../packages/serving/chat/src/families/llama-3.ts'
import { mistral } from '../../packages/serving/chat/src/families/mistral.ts'
import { qwenXml } from '../../packages/serving/chat/src/families/qwen-xml.ts'
import { parserOf } from '../../packages/serving/chat/src/parse/answer.ts'
import type { FuzzTarget } from './fuzz-target.ts'

const families: Readonly<Record<string, readonly [Family, string]>> = {
  'deepseek-dsml': [
    deepseekDsml('tool_calls'),
    '<think>a</think><｜DSML｜tool_calls><｜DSML｜invoke name="f"><｜DSML｜parameter name="a" string="true">b</｜DSML｜parameter></｜DSML｜invoke></｜DSML｜tool_calls>',
  ],
  'deepseek-v3': [
    deepseekV3(true),
    '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{"a":"b"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
  ],
  generic: [generic, '{"name": "f", "arguments": {"a": [1, null, "\\u00e9"]}}'],
  glm: [glm, '<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>b</arg_value>\n</tool_call>'],
  'gpt-oss': [
    gptOss,
    '<|channel|>analysis<|message|>x<|end|><|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{"a":"b"}<|call|>',
  ],
  hermes: [hermes, '<think>x</think>\n<tool_call>\n{"name": "f", "arguments": {"a": "b"}}\n</tool_call>'],
  'llama-3': [
    llama3,
    '<|python_tag|>{"name": "f", "parameters": {"a": "b"}}; {"name": "f", "parameters": {}}',
  ],
  mistral: [mistral(true, true), '[TOOL_CALLS]f[CALL_ID]123456789[ARGS]{"a": "b"}'],
  'qwen-xml': [
    qwenXml,
    '<tool_call>\n<function=f>\n<parameter=a>\nb\n</parameter>\n</function>\n</tool_call>',
  ],
}

const toolCalls = ([family, seed]: readonly [Family, string]): FuzzTarget => ({
  seeds: () => [seed],
  parse: (bytes) => {
    const parser = parserOf(
      family.read,
      {
        begins: 'anew',
        tools: new Map([['f', { parameters: { type: 'object', properties: { a: { type: 'string' } } } }]]),
        reasoning: { start: '<think>', end: '</think>' },
      },
      () => 'call',
    )
    const text = bytes.toString()
    const parts = []
    for (let at = 0; at < text.length; at += 7) parts.push(...parser.push(text.slice(at, at + 7)))
    return [...parts, ...parser.end()]
  },
})

export const toolCallTargets: Readonly<Record<string, FuzzTarget>> = Object.fromEntries(
  Object.entries(families).map(([name, family]) => [`tool calls: ${name}`, toolCalls(family)]),
)
