/** Every guard error a client can get. None contains what was found in the request. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardBlocked: ErrorMaker<[]> = defineError({
  code: 'guard_blocked',
  status: 400,
  when: 'The guard blocked the request, and its policy sets `blockAs: "error"`. Without that setting the response ends with finish reason `content_filter`.',
  message: () => 'the content policy of this service blocked the request',
  help: 'Rephrase the request. An administrator can find it by its request id in the guard audit.',
})

export const guardFailed: ErrorMaker<[requestId: string]> = defineError({
  code: 'guard_failed',
  status: 503,
  when: 'A check of the guard failed, and its policy sets `failClosed`: a request that cannot be screened is rejected.',
  message: (requestId) => `the guard could not screen request ${requestId}`,
  help: 'Retry. As an administrator, see GET /hadal/guard/verdicts for the check that failed and the reason.',
})

export const guardTokensUnreadable: ErrorMaker<[]> = defineError({
  code: 'guard_tokens_unreadable',
  status: 400,
  when: 'The prompt is given as token ids, which the guard cannot read, and its policy sets `tokenPrompts: "refuse"`.',
  message: () => 'the guard cannot screen a prompt of token ids',
  help: 'Send the prompt as text.',
})

export const guardOutputUnreadable: ErrorMaker<[path: string, model: string]> = defineError({
  code: 'guard_output_unreadable',
  status: 501,
  when: 'The guard policy screens model output, and the model runs on another server behind an API whose responses the guard cannot read.',
  message: (path, model) => `the guard cannot screen the responses of ${model} to ${path}`,
  help: 'Use /v1/chat/completions or /v1/completions, or set `output: { holdBackTokens: 0 }` in the guard policy.',
})

export const guardAuditOff: ErrorMaker<[]> = defineError({
  code: 'guard_audit_off',
  status: 404,
  when: 'GET /hadal/guard/verdicts was called on a server without a guard, or whose guard keeps no audit.',
  message: () => 'this server keeps no guard audit',
  help: 'Serve with a guard whose policy names an audit file: `audit: { file: "guard.sqlite" }`.',
})
