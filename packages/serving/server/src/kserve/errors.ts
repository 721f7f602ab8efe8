/** Errors of the KServe routes alone, and how that protocol words every error. */

import { defineError, type ErrorMaker } from '@hadal/base'
import type { ErrorWriter } from '../dialect.ts'

export const modelVersionUnknown: ErrorMaker<[model: string, version: string, known: string]> = defineError({
  code: 'model_version_unknown',
  status: 404,
  when: 'A path of the KServe protocol names a version of a model that is not served. There is one of each.',
  message: (model, version, _known) => `${model} has no version ${JSON.stringify(version)}`,
  help: (_model, _version, known) => `Ask for version ${known}, or leave /versions out of the path.`,
})

export const notReady: ErrorMaker<[what: string, next?: string]> = defineError({
  code: 'not_ready',
  status: 400,
  when: 'Whether the server, or a model, is ready is asked for as KServe has it, and it is not. (GET /ready says it with 503.)',
  message: (what) => `${what} is not ready`,
  help: (_what, next = 'Ask again in a second.') => next,
})

/** One text, whatever it is: the protocol has no place for a code. */
export const kserveErrors: ErrorWriter = {
  errorBody: ({ message, help }) => ({ error: `${message}. ${help}` }),
}
