/** Errors of comparing deployments. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const deployNotRendered: ErrorMaker<[folder: string]> = defineError({
  code: 'deploy_not_rendered',
  status: 404,
  when: 'The deployment cannot be compared with the last render, because nothing was rendered in the folder of the server.',
  message: (folder) => `the folder ${folder} contains no rendered files`,
  help: 'Run `hadal deploy render`, which writes it next to the config file.',
})
