/** POST /completions, where llama-server's clients send its own body, and OpenAI's clients theirs if their URL has no /v1. */

import { isNativeCompletion } from '@hadal/protocol'
import type { Dialect } from '../dialect.ts'

export function sharedCompletions(openai: Dialect, native: Dialect): Dialect {
  return {
    paths: ['/completions'],
    read: (body, context) => (isNativeCompletion(body) ? native : openai).read(body, context),
  }
}
