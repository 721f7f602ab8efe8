/** Models of several families for the fake engine: abbreviated templates with the markers by which families are detected. */

import type { ModelInfo } from '@hadal/engine'

const messages = `{%- for message in messages %}<|im_start|>{{ message.role }}
{% if message.reasoning_content %}<think>
{{ message.reasoning_content }}
</think>

{% endif %}{{ message.content }}{% for call in message.tool_calls or [] %}
<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>{% endfor %}<|im_end|>
{% endfor %}`

/** Writes calls like Qwen and Hermes; may reason first. */
export const qwen: Partial<ModelInfo> = {
  id: 'qwen',
  eosToken: '<|im_end|>',
  controlTokens: ['<|im_start|>', '<|im_end|>'],
  chatTemplate: `{%- if tools %}<|im_start|>system
{% for tool in tools %}{{ tool | tojson }}
{% endfor %}<|im_end|>
{% endif %}${messages}{%- if add_generation_prompt %}<|im_start|>assistant
{% if enable_thinking is defined and not enable_thinking %}<think>

</think>

{% endif %}{% endif %}`,
}

/** Always reasons first: its prompt opens the reasoning. */
export const r1: Partial<ModelInfo> = {
  id: 'deepseek-r1',
  chatTemplate: `${messages}{%- if add_generation_prompt %}<|im_start|>assistant
<think>
{% endif %}`,
}

/** Has FIM tokens. */
export const coder: Partial<ModelInfo> = {
  ...qwen,
  id: 'coder',
  fim: { prefix: 0x2460, suffix: 0x2461, middle: 0x2462 },
}

export const toolCall = (name: string, args: object): string =>
  `<tool_call>\n${JSON.stringify({ name, arguments: args })}\n</tool_call>`

export const weatherTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather at a place.',
    parameters: {
      type: 'object',
      properties: { place: { type: 'string' } },
      required: ['place'],
      additionalProperties: false,
    },
  },
} as const
