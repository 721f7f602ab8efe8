/** Detects a model's family by markers in its template. */

import type { ChatModel } from '../conversation.ts'
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

interface Recognition {
  readonly family: Family
  /** All must occur in the template. */
  readonly marks: readonly string[]
  /** None may occur: other families share the markers. */
  readonly without?: readonly string[]
  readonly architectures?: RegExp
}

/** The first match applies. */
const recognitions: readonly Recognition[] = [
  { family: deepseekDsml('function_calls'), marks: ['｜DSML｜', 'function_calls'] },
  { family: deepseekDsml('tool_calls'), marks: ['｜DSML｜', 'tool_calls'] },
  { family: deepseekV3(true), marks: ['<｜tool▁call▁begin｜>', '```json'] },
  { family: deepseekV3(false), marks: ['<｜tool▁call▁begin｜>'] },
  { family: gptOss, marks: ['<|channel|>', '<|message|>'] },
  { family: mistral(true, true), marks: ['[TOOL_CALLS]', '[ARGS]', '[CALL_ID]'] },
  { family: mistral(true, false), marks: ['[TOOL_CALLS]', '[ARGS]'] },
  { family: mistral(false, false), marks: ['[TOOL_CALLS]'] },
  { family: qwenXml, marks: ['<tool_call>', '<function=', '<parameter='] },
  { family: glm, marks: ['<tool_call>', '<arg_key>', '<arg_value>'] },
  { family: hermes, marks: ['<tool_call>'], without: ['<arg_key>', '<invoke'] },
  { family: llama3, marks: ['<|start_header_id|>', 'ipython'], without: ['<function=', '>>>'] },
  // Templates without tool support, for models that have it.
  { family: deepseekV3(true), marks: ['<｜Assistant｜>'], architectures: /^deepseek/ },
  { family: hermes, marks: ['<|im_start|>'], architectures: /^qwen[23]/ },
]

/** Models with unknown call formats get instructions in the `generic` one. */
export function familyOf({ toolTemplate, chatTemplate, architecture }: ChatModel): Family {
  const template = toolTemplate ?? chatTemplate ?? ''
  const fits = ({ marks, without = [], architectures }: Recognition): boolean =>
    marks.every((mark) => template.includes(mark)) &&
    !without.some((mark) => template.includes(mark)) &&
    (architectures === undefined || architectures.test(architecture))
  return recognitions.find(fits)?.family ?? generic
}
