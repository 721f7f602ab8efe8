/** POST /completions: llama-server's clients send its native body here, and OpenAI's clients theirs if their URL lacks /v1. */

import { isNativeCompletion } from '@hadal/protocol'
import type { Dialect } from '../dialect.ts'
import { sharedErrors } from './error-body.ts'

export function sharedCompletions(openai: Dialect, native: Dialect): Dialect {
  return {
    ...sharedErrors(isNativeCompletion),
    paths: ['/completions'],
    read: (body, context) => (isNativeCompletion(body) ? native : openai).read(body, context),
  }
}
