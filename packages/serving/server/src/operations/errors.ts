/** Errors of administrative operations. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const operationUnavailable: ErrorMaker<[what: string, why: string]> = defineError({
  code: 'operation_unavailable',
  status: 404,
  when: 'The console or another administrator client called an operation that this server does not provide. `createServer` alone has no runs, keys or clusters, and some operations need a setting.',
  message: (what, _why) => `this server has no ${what}`,
  help: (_, why) => why,
  docsHelp: 'Serve with `hadal serve`, and set what the error names, such as `runsDir` for training runs.',
})
