/** A conversation to a prompt, and the parser for what the model answers to it. */

import { messageOf } from '@hadal/base'
import { Template } from '@huggingface/jinja'
import type { Chat, ChatModel, Message, PreparedChat } from './conversation.ts'
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
export function prepareChat(model: ChatModel, chat: Chat): PreparedChat {
  return {
    pieces: [render(model, chat.messages)],
    stop: [],
    parser: () => ({ push: (text) => (text === '' ? [] : [{ type: 'content', text }]), end: () => [] }),
  }
}

function render(model: ChatModel, messages: readonly Message[]): string {
  try {
    return compile(model.chatTemplate ?? chatMl).render({
      messages,
      add_generation_prompt: true,
      bos_token: model.bosToken,
      eos_token: model.eosToken,
    })
  } catch (thrown) {
    throw chatTemplateFailed(model.id, messageOf(thrown)).with({ param: 'messages', cause: thrown })
  }
}
