/** Every guard error a client can get. None contains what was found in the request. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardBlocked: ErrorMaker<[]> = defineError({
  code: 'guard_blocked',
  status: 400,
  when: 'The guard blocked the request, and its policy sets `blockAs: "error"`. Without that setting the response ends with finish reason `content_filter`.',
  message: () => 'this request was not let through by the policy of this service',
  help: 'Say it in other words. Whoever runs the service finds the request by its id in the audit of the guard.',
})

export const guardFailed: ErrorMaker<[requestId: string]> = defineError({
  code: 'guard_failed',
  status: 503,
  when: 'A check of the guard failed, and its policy sets `failClosed`: a request that cannot be screened is rejected.',
  message: (requestId) => `the request ${requestId} could not be screened`,
  help: 'Send it again. Whoever runs the service: GET /hadal/guard/verdicts says which check failed and why.',
})

export const guardTokensUnreadable: ErrorMaker<[]> = defineError({
  code: 'guard_tokens_unreadable',
  status: 400,
  when: 'The prompt is given as token ids, which the guard cannot read, and its policy sets `tokenPrompts: "refuse"`.',
  message: () => 'a prompt of tokens cannot be screened here',
  help: 'Send the prompt as text.',
})

export const guardOutputUnreadable: ErrorMaker<[path: string, model: string]> = defineError({
  code: 'guard_output_unreadable',
  status: 501,
  when: 'The guard policy screens model output, and the model runs on another server behind an API whose responses the guard cannot read.',
  message: (path, model) => `answers of ${model} to ${path} cannot be screened on their way`,
  help: 'Ask /v1/chat/completions or /v1/completions, or serve with `output: { holdBackTokens: 0 }` in the guard’s policy.',
})

export const guardAuditOff: ErrorMaker<[]> = defineError({
  code: 'guard_audit_off',
  status: 404,
  when: 'GET /hadal/guard/verdicts was called on a server without a guard, or whose guard keeps no audit.',
  message: () => 'no verdicts are kept here',
  help: 'Serve with a guard whose policy names a file: `audit: { file: "guard.sqlite" }`.',
})
