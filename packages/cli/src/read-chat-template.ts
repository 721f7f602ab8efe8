/** A chat template as the setting names it: Jinja source, the path of a file that holds it, or one that needs none. */

import { readFileSync } from 'node:fs'
import { messageOf } from '@hadal/base'
import { chatTemplateUnreadable } from './errors.ts'

const chatMl = `{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`

/** Undefined: the model's own. Throws `chat_template_unreadable`. */
export function readChatTemplate(given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  if (given === 'chatml') return chatMl
  if (/\{[{%]/.test(given)) return given
  try {
    return readFileSync(given, 'utf8')
  } catch (thrown) {
    throw chatTemplateUnreadable(given, messageOf(thrown))
  }
}
