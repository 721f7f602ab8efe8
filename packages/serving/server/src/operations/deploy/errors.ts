/** Errors of the deployment routes. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const deployFileUnknown: ErrorMaker<[path: string]> = defineError({
  code: 'deploy_file_unknown',
  status: 404,
  when: 'GET /hadal/deploy/file names a file that the config does not render.',
  message: (path) => `${JSON.stringify(path)} is not a rendered file`,
  help: 'GET /hadal/deploy lists the rendered files. The list changes with the overlay and the config.',
})
