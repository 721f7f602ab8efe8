/** Test templates per family: short versions that produce the format of the originals as far as tests need. */

import type { ChatModel } from '@hadal/chat'

const chatMl = `{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`

/** The model opens reasoning itself, or the prompt contains an empty one. */
const qwen3 = `
{%- macro head(role) %}{{ '<|im_start|>' + role + '\\n' }}{% endmacro -%}
{%- if tools %}{{ head('system') }}{% if messages[0].role == 'system' %}{{ messages[0].content + '\\n\\n' }}{% endif %}# Tools
<tools>{% for tool in tools %}
{{ tool | tojson }}{% endfor %}
</tools>
Write <tool_call> for each call.<|im_end|>
{% elif messages[0].role == 'system' %}{{ head('system') + messages[0].content + '<|im_end|>\\n' }}{% endif -%}
{%- for m in messages %}
{%- if m.role == 'user' %}{{ head('user') + m.content + '<|im_end|>\\n' }}
{%- elif m.role == 'assistant' %}{{ head('assistant') }}{% if m.reasoning_content %}{{ '<think>\\n' + m.reasoning_content.strip('\\n') + '\\n</think>\\n\\n' }}{% endif %}{{ m.content }}
{%- for call in m.tool_calls %}
<tool_call>
{"name": "{{ call.function.name }}", "arguments": {% if call.function.arguments is string %}{{ call.function.arguments }}{% else %}{{ call.function.arguments | tojson }}{% endif %}}
</tool_call>{% endfor %}{{ '<|im_end|>\\n' }}
{%- elif m.role == 'tool' %}{{ head('user') + '<tool_response>\\n' + m.content + '\\n</tool_response><|im_end|>\\n' }}{% endif %}
{%- endfor -%}
{%- if add_generation_prompt %}{{ head('assistant') }}{% if enable_thinking is defined and enable_thinking is false %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}{% endif %}`

const qwenCoder = `
{%- if tools %}<tools>{{ tools | tojson }}</tools> <tool_call><function=f><parameter=a>
{% endif -%}
{%- for m in messages %}<|im_start|>{{ m.role }}
{{ m.content }}{% for call in m.tool_calls or [] %}
<tool_call>
<function={{ call.function.name }}>
{% for name, value in call.function.arguments | items %}<parameter={{ name }}>
{{ value if value is string else value | tojson }}
</parameter>
{% endfor %}</function>
</tool_call>{% endfor %}<|im_end|>
{% endfor -%}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}`

const glm = `
{%- if tools %}<|system|>{{ tools | tojson }} <tool_call>f<arg_key>a</arg_key><arg_value>b</arg_value></tool_call>{% endif -%}
{%- for m in messages %}
{%- if m.role == 'tool' %}<|observation|><tool_response>{{ m.content }}</tool_response>
{%- else %}<|{{ m.role }}|>
{{ '<think>' + m.reasoning_content + '</think>' if m.reasoning_content }}{{ m.content }}{% for call in m.tool_calls or [] %}
<tool_call>{{ call.function.name }}
{% for k, v in call.function.arguments.items() %}<arg_key>{{ k }}</arg_key>
<arg_value>{{ v if v is string else v | tojson }}</arg_value>
{% endfor %}</tool_call>{% endfor %}{% endif %}
{%- endfor %}{% if add_generation_prompt %}<|assistant|>{{ '' if enable_thinking else '\\n<think></think>' }}{% endif %}`

/** The prompt always opens the reasoning. */
const deepseekR1 = `
{{- bos_token }}{% for m in messages %}
{%- if m.role == 'system' %}{{ m.content }}
{%- elif m.role == 'user' %}{{ '<｜User｜>' + m.content }}
{%- elif m.role == 'assistant' and m.content is none %}<｜Assistant｜><｜tool▁calls▁begin｜>
{%- for call in m.tool_calls %}{{ '\\n' if not loop.first }}{{ '<｜tool▁call▁begin｜>' + call.type + '<｜tool▁sep｜>' + call.function.name + '\\n\`\`\`json\\n' + call.function.arguments + '\\n\`\`\`<｜tool▁call▁end｜>' }}{% endfor %}<｜tool▁calls▁end｜><｜end▁of▁sentence｜>
{%- elif m.role == 'assistant' %}{{ '<｜Assistant｜>' + m.content.split('</think>')[-1] + '<｜end▁of▁sentence｜>' }}
{%- elif m.role == 'tool' %}{{ '<｜tool▁output▁begin｜>' + m.content + '<｜tool▁output▁end｜>' }}{% endif %}
{%- endfor %}{% if add_generation_prompt %}{{ '<｜Assistant｜><think>\\n' }}{% endif %}`

const deepseekV31 = `
{%- if not thinking is defined %}{% set thinking = false %}{% endif -%}
{{- bos_token }}{% for m in messages %}
{%- if m.role == 'system' %}{{ m.content }}
{%- elif m.role == 'user' %}{{ '<｜User｜>' + m.content }}
{%- elif m.role == 'assistant' %}<｜Assistant｜></think>{{ m.content }}
{%- if m.tool_calls %}<｜tool▁calls▁begin｜>{% for call in m.tool_calls %}{{ '<｜tool▁call▁begin｜>' + call.function.name + '<｜tool▁sep｜>' + call.function.arguments + '<｜tool▁call▁end｜>' }}{% endfor %}<｜tool▁calls▁end｜>{% endif %}<｜end▁of▁sentence｜>
{%- elif m.role == 'tool' %}{{ '<｜tool▁output▁begin｜>' + m.content + '<｜tool▁output▁end｜>' }}{% endif %}
{%- endfor %}{% if add_generation_prompt %}<｜Assistant｜>{{ '<think>' if thinking else '</think>' }}{% endif %}`

const deepseekV4 = `
{%- set dsml = '｜DSML｜' %}{% set thinks = enable_thinking is defined and enable_thinking -%}
{{- bos_token }}{% if thinks and reasoning_effort is defined %}[effort {{ reasoning_effort }}]{% endif %}
{%- if messages[0].role == 'system' %}{{ messages[0].content }}{% endif %}
{%- if tools %}## Tools <{{ dsml }}tool_calls>
{% for tool in tools %}{{ tool.function | tojson }}
{% endfor %}{% endif %}
{%- if response_format is defined %}Answer as {{ response_format | tojson }}{% endif %}
{%- for m in messages %}
{%- if m.role == 'user' %}{{ '<｜User｜>' + m.content }}
{%- elif m.role == 'tool' %}{{ '<｜User｜><tool_result>' + m.content + '</tool_result>' }}
{%- elif m.role == 'assistant' %}<｜Assistant｜>{{ '<think>' + (m.reasoning_content or '') if thinks }}</think>{{ m.content }}
{%- if m.tool_calls %}{{ '\\n\\n<' + dsml + 'tool_calls>\\n' }}
{%- for call in m.tool_calls %}{{ '<' + dsml + 'invoke name="' + call.function.name + '">\\n' }}
{%- for key, value in call.function.arguments.items() %}{{ '<' + dsml + 'parameter name="' + key + '" string="' + ('true' if value is string else 'false') + '">' + (value if value is string else value | tojson) + '</' + dsml + 'parameter>\\n' }}{% endfor %}{{ '</' + dsml + 'invoke>\\n' }}{% endfor %}{{ '</' + dsml + 'tool_calls>' }}{% endif %}<｜end▁of▁sentence｜>{% endif %}
{%- endfor %}{% if add_generation_prompt %}<｜Assistant｜>{{ '<think>' if thinks else '</think>' }}{% endif %}`

const llama3 = `
{{- bos_token }}{% if not tools is defined %}{% set tools = none %}{% endif %}
{%- for m in messages %}
{%- if m.tool_calls %}{% if m.tool_calls | length != 1 %}{{ raise_exception('one call at a time') }}{% endif %}{% set call = m.tool_calls[0].function %}<|start_header_id|>assistant<|end_header_id|>

{"name": "{{ call.name }}", "parameters": {{ call.arguments | tojson }}}<|eot_id|>
{%- elif m.role == 'tool' %}<|start_header_id|>ipython<|end_header_id|>

{{ m.content | tojson }}<|eot_id|>
{%- else %}<|start_header_id|>{{ m.role }}<|end_header_id|>

{% if m.role == 'system' %}Today Date: {{ date_string }}
{% endif %}{% if tools is not none and m.role == 'user' and loop.last %}{{ tools | tojson }}
{% endif %}{{ m.content | trim }}<|eot_id|>{% endif %}
{%- endfor %}{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>

{% endif %}`

/** Requires alternating roles and ids of nine characters. */
const mistral = `
{{- bos_token }}{% set ns = namespace(turn=0) %}{% for m in messages %}
{%- if m.role == 'system' %}[SYSTEM_PROMPT]{{ m.content }}[/SYSTEM_PROMPT]
{%- elif m.role == 'tool' %}[TOOL_RESULTS]{{ m.tool_call_id }}: {{ m.content }}[/TOOL_RESULTS]
{%- elif m.tool_calls %}{% for call in m.tool_calls %}{% if call.id | length != 9 %}{{ raise_exception('ids have nine characters') }}{% endif %}{{ '[TOOL_CALLS]' + call.function.name + '[CALL_ID]' + call.id + '[ARGS]' + call.function.arguments | tojson }}{% endfor %}{{ eos_token }}
{%- elif m.role == 'user' %}{% if loop.last and tools %}[AVAILABLE_TOOLS]{{ tools | tojson }}[/AVAILABLE_TOOLS]{% endif %}[INST]{{ m.content }}[/INST]
{%- else %}{{ m.content }}{{ eos_token }}{% endif %}
{%- endfor %}`

const gptOss = `<|start|>system<|message|>Reasoning: {{ reasoning_effort | default('medium') }}<|end|>
{%- if tools or messages[0].role == 'system' %}<|start|>developer<|message|>{% if messages[0].role == 'system' %}{{ messages[0].content }}{% endif %}{% for tool in tools or [] %}
// {{ tool.function.description }}
type {{ tool.function.name }}{% endfor %}<|end|>{% endif %}
{%- for m in messages %}
{%- if m.role == 'user' %}<|start|>user<|message|>{{ m.content }}<|end|>
{%- elif m.role == 'assistant' and m.tool_calls %}{% if m.content and m.thinking %}{{ raise_exception('either content or thinking') }}{% endif %}{% if m.thinking or m.content %}<|start|>assistant<|channel|>analysis<|message|>{{ m.thinking or m.content }}<|end|>{% endif %}<|start|>assistant to=functions.{{ m.tool_calls[0].function.name }}<|channel|>commentary json<|message|>{{ m.tool_calls[0].function.arguments | tojson }}<|call|>
{%- elif m.role == 'assistant' %}<|start|>assistant<|channel|>final<|message|>{{ m.content }}<|end|>
{%- elif m.role == 'tool' %}<|start|>functions to=assistant<|channel|>commentary<|message|>{{ m.content | tojson }}<|end|>{% endif %}
{%- endfor %}{% if add_generation_prompt %}<|start|>assistant{% endif %}`

/** No system message, no tools, alternating roles. */
const gemma = `
{{- bos_token }}{% for m in messages %}
{%- if m.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}
{%- if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must take turns') }}{% endif %}<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}
{{ m.content | trim }}<end_of_turn>
{% endfor %}{% if add_generation_prompt %}<start_of_turn>model
{% endif %}`

const control: Readonly<Record<string, readonly string[]>> = {
  chatMl: ['<|im_start|>', '<|im_end|>'],
  qwen3: ['<|im_start|>', '<|im_end|>'],
  qwenCoder: ['<|im_start|>', '<|im_end|>'],
  glm: ['<|system|>', '<|user|>', '<|assistant|>', '<|observation|>'],
  deepseekR1: [
    '<｜User｜>',
    '<｜Assistant｜>',
    '<｜tool▁calls▁begin｜>',
    '<｜tool▁call▁begin｜>',
    '<｜tool▁sep｜>',
  ],
  deepseekV31: [
    '<｜User｜>',
    '<｜Assistant｜>',
    '<｜tool▁calls▁begin｜>',
    '<｜tool▁call▁begin｜>',
    '<｜tool▁sep｜>',
  ],
  deepseekV4: ['<｜User｜>', '<｜Assistant｜>', '<｜end▁of▁sentence｜>'],
  llama3: ['<|start_header_id|>', '<|end_header_id|>', '<|eot_id|>', '<|python_tag|>'],
  mistral: ['[INST]', '[/INST]', '[TOOL_CALLS]', '[ARGS]', '[CALL_ID]'],
  gptOss: ['<|start|>', '<|message|>', '<|channel|>', '<|constrain|>', '<|end|>', '<|call|>'],
  gemma: ['<start_of_turn>', '<end_of_turn>'],
}

const sources = {
  chatMl,
  qwen3,
  qwenCoder,
  glm,
  deepseekR1,
  deepseekV31,
  deepseekV4,
  llama3,
  mistral,
  gptOss,
  gemma,
}

export type TemplateName = keyof typeof sources

export const templateNames: readonly TemplateName[] = Object.keys(sources) as TemplateName[]

export function modelWith(name: TemplateName): ChatModel {
  return {
    id: name,
    architecture: 'test',
    chatTemplate: sources[name],
    bosToken: '<bos>',
    eosToken: '</s>',
    controlTokens: control[name]!,
  }
}
