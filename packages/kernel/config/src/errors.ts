/** All user-facing configuration errors. */

import { defineError, type ErrorMaker } from '@hadal/base'

/** @internal */
export const configInvalid: ErrorMaker<[faults: readonly string[]]> = defineError({
  code: 'config_invalid',
  status: 500,
  when: 'Settings from the config file, the environment or the command line are unknown or have invalid values. All errors are listed at once.',
  message: (faults) =>
    `${faults.length === 1 ? '1 setting is' : `${faults.length} settings are`} wrong\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
  help: 'docs/config.md lists every setting; `hadal serve --help` lists the flags.',
})

/** @internal */
export const configFileNotFound: ErrorMaker<[path: string]> = defineError({
  code: 'config_file_not_found',
  status: 500,
  when: 'The file named by `--config` or `HADAL_CONFIG` does not exist.',
  message: (path) => `there is no config file ${path}`,
  help: 'Check the path, or leave it out: hadal.config.ts, .mts, .js, .mjs or .json in the current folder is found by itself.',
})

export const configFileAmbiguous: ErrorMaker<[paths: readonly string[]]> = defineError({
  code: 'config_file_ambiguous',
  status: 500,
  when: 'The current folder contains more than one config file.',
  message: (paths) => `found ${paths.join(' and ')}`,
  help: 'Keep one of them, or name one with --config.',
})

export const configFileFailed: ErrorMaker<[path: string, reason: string]> = defineError({
  code: 'config_file_failed',
  status: 500,
  when: 'A config file could not be read, threw while it was loaded, or exports no settings.',
  message: (path, reason) => `${path}: ${reason}`,
  help: 'A config file is JSON, or a module that says: export default defineService({ ... }).',
})
