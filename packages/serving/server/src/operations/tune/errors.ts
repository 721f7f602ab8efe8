/** Errors of writing tuned settings. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const tuneConfigChanged: ErrorMaker<[file: string]> = defineError({
  code: 'tune_config_changed',
  status: 409,
  when: 'The config file changed after its diff was shown, so the tuned settings were not written.',
  message: (file) => `${file} has changed since its diff was shown`,
  help: 'Review the new diff: POST /hadal/tune/apply with `dryRun`.',
})

export const tuneSettingsUnfit: ErrorMaker<[issues: readonly string[]]> = defineError({
  code: 'tune_settings_unfit',
  status: 400,
  when: 'The tuned settings conflict with other settings in the config file.',
  message: (issues) => issues.join('; '),
  help: 'Choose settings that were tuned together, or change the conflicting settings in the config file first.',
})
