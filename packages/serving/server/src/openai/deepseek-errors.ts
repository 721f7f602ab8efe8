/** DeepSeek tells a body it cannot read (400) from one whose parameters it will not take (422). */

import type { ErrorWriter } from '../dialect.ts'
import { invalidRequest, unknownParameter, unsupportedParameter } from '../errors.ts'

const aboutParameters: readonly string[] = [invalidRequest, unknownParameter, unsupportedParameter].map(
  ({ spec }) => spec.code,
)

export const deepseekErrors: ErrorWriter = {
  errorStatus: ({ code, status }) => (aboutParameters.includes(code) ? 422 : status),
}
