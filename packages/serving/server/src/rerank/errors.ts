/** Reranking errors in the format of the API in use; Jina's defines none and uses OpenAI's. */

import type { HadalError } from '@hadal/base'
import { type CohereError, isTeiRerank, type TeiError } from '@hadal/protocol'
import { errorBody } from '../answer/error-answer.ts'
import type { ErrorWriter } from '../dialect.ts'

export const rerankErrors: ErrorWriter = {
  errorBody: (error, _, body) => (isTeiRerank(body) ? teiError(error) : undefined),
}

export const cohereErrors: ErrorWriter = {
  errorBody: (error, id, body): CohereError | TeiError => {
    if (isTeiRerank(body)) return teiError(error)
    const answer = errorBody(error)
    return { id, message: answer.error.message, ...answer }
  },
}

const typesOfStatus: Readonly<Record<number, TeiError['error_type']>> = {
  429: 'Overloaded',
  500: 'Backend',
  503: 'Unhealthy',
}

const teiError = (error: HadalError): TeiError => ({
  error: errorBody(error).error.message,
  error_type: typesOfStatus[error.status] ?? 'Validation',
  code: error.code,
})
