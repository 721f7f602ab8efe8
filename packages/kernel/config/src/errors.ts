/** All user-facing configuration errors. */

import { defineError, type ErrorMaker } from '@hadal/base'

/** @internal */
export const configInvalid: ErrorMaker<[issues: readonly string[]]> = defineError({
  code: 'config_invalid',
  status: 500,
  when: 'Settings from the config file, the environment or the command line are unknown or have invalid values. All errors are listed at once.',
  message: (issues) =>
    `${issues.length === 1 ? '1 setting is' : `${issues.length} settings are`} invalid\n${issues.map((issue) => `  ${issue}`).join('\n')}`,
  help: 'Correct the settings listed. docs/config.md describes every setting; `hadal serve --help` lists the flags.',
})

/** @internal */
export const configFileNotFound: ErrorMaker<[path: string]> = defineError({
  code: 'config_file_not_found',
  status: 500,
  when: 'The file named by `--config` or `HADAL_CONFIG` does not exist.',
  message: (path) => `config file ${path} does not exist`,
  help: 'Check the path, or leave it out: hadal.config.ts, .mts, .js, .mjs or .json in the current folder is found automatically.',
})

export const configFileAmbiguous: ErrorMaker<[paths: readonly string[]]> = defineError({
  code: 'config_file_ambiguous',
  status: 500,
  when: 'The current folder contains more than one config file.',
  message: (paths) => `found more than one config file: ${paths.join(' and ')}`,
  help: 'Keep one of them, or select one with --config.',
})

export const configFileFailed: ErrorMaker<[path: string, reason: string]> = defineError({
  code: 'config_file_failed',
  status: 500,
  when: 'A config file could not be read, threw while it was loaded, or exports no settings.',
  message: (path, reason) => `${path}: ${reason}`,
  help: 'Write the config file as JSON, or as a module with `export default defineService({ ... })`.',
})
