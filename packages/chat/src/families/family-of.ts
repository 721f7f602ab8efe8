/** Which family a model belongs to, by the marks in its template. */

import type { ChatModel } from '../conversation.ts'
import { deepseekDsml } from './deepseek-dsml.ts'
import { deepseekV3 } from './deepseek-v3.ts'
import type { Family } from './family.ts'
import { generic } from './generic.ts'
import { gptOss } from './gpt-oss.ts'
import { hermes } from './hermes.ts'
import { llama3 } from './llama-3.ts'
import { mistral } from './mistral.ts'
import { qwenXml } from './qwen-xml.ts'

const deepseekR1Calls: Family = deepseekV3(true)
const deepseekV31Calls: Family = deepseekV3(false)
const deepseekV32Calls: Family = deepseekDsml('function_calls')
const deepseekV4Calls: Family = deepseekDsml('tool_calls')
const mistralList: Family = mistral(false, false)
const mistralNamed: Family = mistral(true, false)
const mistralNamedWithIds: Family = mistral(true, true)

/** A model whose calls nobody here can read is told how to write them: `generic`. */
export function familyOf(model: ChatModel): Family {
  const template = model.toolTemplate ?? model.chatTemplate ?? ''
  const has = (...marks: readonly string[]): boolean => marks.every((mark) => template.includes(mark))
  if (has('｜DSML｜', 'function_calls')) return deepseekV32Calls
  if (has('｜DSML｜', 'tool_calls')) return deepseekV4Calls
  if (has('<｜tool▁call▁begin｜>')) return has('```json') ? deepseekR1Calls : deepseekV31Calls
  if (has('<|channel|>', '<|message|>')) return gptOss
  if (has('[TOOL_CALLS]')) {
    if (!has('[ARGS]')) return mistralList
    return has('[CALL_ID]') ? mistralNamedWithIds : mistralNamed
  }
  if (has('<tool_call>', '<function=', '<parameter=')) return qwenXml
  if (has('<tool_call>') && !has('<arg_key>') && !has('<invoke')) return hermes
  if (has('<|start_header_id|>', 'ipython') && !has('<function=') && !has('>>>')) return llama3
  return generic
}
