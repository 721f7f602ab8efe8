/** What goes wrong with what administrators do beside serving. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const operationUnavailable: ErrorMaker<[what: string, why: string]> = defineError({
  code: 'operation_unavailable',
  status: 404,
  when: 'The console or another client of administrators asks for something that this server was not given: `createServer` alone knows nothing of runs, keys or clusters, and some of it needs a setting.',
  message: (what, _why) => `this server has no ${what}`,
  help: (_, why) => why,
})
