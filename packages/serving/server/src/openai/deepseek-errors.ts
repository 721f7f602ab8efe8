/** DeepSeek distinguishes malformed bodies (400) from invalid parameters (422). */

import type { ErrorWriter } from '../dialect.ts'
import { invalidRequest, unknownParameter, unsupportedParameter } from '../errors.ts'

const aboutParameters: readonly string[] = [invalidRequest, unknownParameter, unsupportedParameter].map(
  ({ spec }) => spec.code,
)

export const deepseekErrors: ErrorWriter = {
  errorStatus: ({ code, status }) => (aboutParameters.includes(code) ? 422 : status),
}
