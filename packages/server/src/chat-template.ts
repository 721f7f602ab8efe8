/**
 * Messages to the text a model was trained on, by the Jinja template in its metadata. Knows messages as the templates
 * know them, nothing of HTTP.
 */

import { messageOf } from '@hadal/base'
import type { ModelInfo } from '@hadal/engine'
import type { ChatMessage, TextContent } from '@hadal/protocol'
import { Template } from '@huggingface/jinja'
import { chatTemplateFailed } from './errors.ts'

/** ChatML, for a model that brings no template. */
const chatMl = `{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`

const compiled = new Map<string, Template>()

function compile(source: string): Template {
  const known = compiled.get(source)
  if (known !== undefined) return known
  const template = new Template(source)
  compiled.set(source, template)
  return template
}

/** Throws `chat_template_failed` with what the template says when it refuses the messages. */
export function renderChat(model: ModelInfo, messages: readonly ChatMessage[]): string {
  try {
    return compile(model.chatTemplate ?? chatMl).render({
      messages: messages.map(forTemplate),
      add_generation_prompt: true,
      bos_token: model.bosToken,
      eos_token: model.eosToken,
    })
  } catch (thrown) {
    throw chatTemplateFailed(model.id, messageOf(thrown)).with({ param: 'messages', cause: thrown })
  }
}

/** Text parts joined; `developer` is OpenAI's newer name for `system`, which no template knows. */
function forTemplate(message: ChatMessage): Record<string, unknown> {
  const { role, content, ...rest } = message
  const given = Object.entries(rest).filter(([, value]) => value !== undefined)
  return {
    ...Object.fromEntries(given),
    role: role === 'developer' ? 'system' : role,
    content: textOf(content),
  }
}

export function textOf(content: TextContent | undefined): string {
  if (content === undefined || typeof content === 'string') return content ?? ''
  return content.map((part) => part.text).join('')
}
