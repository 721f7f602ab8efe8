/** What keeps a deployment from being compared. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const deployNotRendered: ErrorMaker<[folder: string]> = defineError({
  code: 'deploy_not_rendered',
  status: 404,
  when: 'A deployment is to be compared with what was rendered last, and nothing was rendered where the server runs.',
  message: (folder) => `nothing was rendered into the folder ${folder}`,
  help: '`hadal deploy render` writes it, beside the config file.',
})
