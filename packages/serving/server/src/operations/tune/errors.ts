/** What goes wrong where tuned settings are written. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const tuneConfigChanged: ErrorMaker<[file: string]> = defineError({
  code: 'tune_config_changed',
  status: 409,
  when: 'Settings are to be written into a config file that has changed since the difference was shown.',
  message: (file) => `${file} has changed since its difference was shown`,
  help: 'Look at the difference again: POST /hadal/tune/apply with `dryRun`.',
})

export const tuneSettingsUnfit: ErrorMaker<[faults: readonly string[]]> = defineError({
  code: 'tune_settings_unfit',
  status: 400,
  when: 'Settings are to be written into the config file that do not go together with the others of the service.',
  message: (faults) => faults.join('; '),
  help: 'Choose settings that were tuned together, or change the others in the config file first.',
})
