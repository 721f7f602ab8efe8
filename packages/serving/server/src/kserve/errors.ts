/** Errors specific to the KServe routes, and the protocol's error format. */

import { defineError, type ErrorMaker } from '@hadal/base'
import type { ErrorWriter } from '../dialect.ts'

export const modelVersionUnknown: ErrorMaker<[model: string, version: string, known: string]> = defineError({
  code: 'model_version_unknown',
  status: 404,
  when: 'The KServe path names a version of a model that is not served. Each model has exactly one version.',
  message: (model, version, _known) => `${model} has no version ${JSON.stringify(version)}`,
  help: (_model, _version, known) => `Use version ${known}, or remove /versions from the path.`,
})

export const notReady: ErrorMaker<[what: string, next?: string]> = defineError({
  code: 'not_ready',
  status: 400,
  when: 'A KServe readiness check found that the server or a model is not ready. GET /ready reports the same with status 503.',
  message: (what) => `${what} is not ready`,
  help: (_what, next = 'Retry in a second.') => next,
  docsHelp: 'Retry in a second. If the model failed to load, the server log has the reason.',
})

/** The protocol has a single text and no error code. */
export const kserveErrors: ErrorWriter = {
  errorBody: ({ message, help }) => ({ error: `${message}. ${help}` }),
}
