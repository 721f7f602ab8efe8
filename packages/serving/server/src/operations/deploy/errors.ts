/** Errors of the deployment routes. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const deployFileUnknown: ErrorMaker<[path: string]> = defineError({
  code: 'deploy_file_unknown',
  status: 404,
  when: 'GET /hadal/deploy/file names a file that the config does not render.',
  message: (path) => `no file ${JSON.stringify(path)} is rendered`,
  help: 'GET /hadal/deploy lists the files; another overlay, or a config that was changed, has others.',
})
