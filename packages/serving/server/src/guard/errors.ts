/** Every error of the guard that a client can meet. What was found in a request stands in none of them. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardBlocked: ErrorMaker<[]> = defineError({
  code: 'guard_blocked',
  status: 400,
  when: 'The guard does not let a request through, and its policy says `blockAs: "error"`. Without that the answer ends with `content_filter`.',
  message: () => 'this request was not let through by the policy of this service',
  help: 'Say it in other words. Whoever runs the service finds the request by its id in the audit of the guard.',
})

export const guardFailed: ErrorMaker<[requestId: string]> = defineError({
  code: 'guard_failed',
  status: 503,
  when: 'A check of the guard failed, and its policy says `failClosed`: what cannot be screened is not let through.',
  message: (requestId) => `the request ${requestId} could not be screened`,
  help: 'Send it again. Whoever runs the service: GET /hadal/guard/verdicts says which check failed and why.',
})

export const guardTokensUnreadable: ErrorMaker<[]> = defineError({
  code: 'guard_tokens_unreadable',
  status: 400,
  when: 'A prompt is given as tokens, which the guard cannot read, and its policy says `tokenPrompts: "refuse"`.',
  message: () => 'a prompt of tokens cannot be screened here',
  help: 'Send the prompt as text.',
})

export const guardOutputUnreadable: ErrorMaker<[path: string, model: string]> = defineError({
  code: 'guard_output_unreadable',
  status: 501,
  when: 'What a model writes is to be held back and screened, and the model lives in another server that is asked in an API whose answers the guard cannot read.',
  message: (path, model) => `answers of ${model} to ${path} cannot be screened on their way`,
  help: 'Ask /v1/chat/completions or /v1/completions, or serve with `output: { holdBackTokens: 0 }` in the guard’s policy.',
})

export const guardAuditOff: ErrorMaker<[]> = defineError({
  code: 'guard_audit_off',
  status: 404,
  when: 'GET /hadal/guard/verdicts is asked of a server whose guard keeps no audit, or that has no guard.',
  message: () => 'no verdicts are kept here',
  help: 'Serve with a guard whose policy names a file: `audit: { file: "guard.sqlite" }`.',
})
