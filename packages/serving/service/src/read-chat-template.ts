/** Resolves the chat template setting: Jinja source, a llama.cpp template name, or a file path. */

import { readFileSync } from 'node:fs'
import { messageOf } from '@hadal/base'
import { namedTemplate, templateNames } from '@hadal/chat'
import { chatTemplateUnreadable } from './errors.ts'

/** Undefined: the model's own. Throws `chat_template_unreadable`. */
export function readChatTemplate(given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  if (/\{[{%]/.test(given)) return given
  const named = namedTemplate(given)
  if (named !== undefined) return named
  try {
    return readFileSync(given, 'utf8')
  } catch (thrown) {
    throw chatTemplateUnreadable(given, messageOf(thrown), templateNames)
  }
}
