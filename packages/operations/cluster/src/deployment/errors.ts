/** What keeps `hadal deploy` from reading or writing. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const deployColdStartUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'deploy_cold_start_unreadable',
  status: 400,
  when: 'The file is not a readable report of a cold-start measurement.',
  message: (path, why) => `${path} is no report of a cold start: ${why}`,
  help: '`hadal bench coldstart --json FILE` writes one.',
})

export const deployFolderTaken: ErrorMaker<[folder: string]> = defineError({
  code: 'deploy_folder_taken',
  status: 400,
  when: 'The output folder contains files that `hadal deploy render` did not write. It never overwrites such files.',
  message: (folder) => `${folder} has files that were not rendered`,
  help: (folder) => `Name another folder with --out, or empty ${folder} yourself.`,
})

export const deployFileChanged: ErrorMaker<[paths: readonly string[]]> = defineError({
  code: 'deploy_file_changed',
  status: 400,
  when: 'A rendered file was edited or replaced after the last render, and rendering again would discard that change.',
  message: (paths) => `changed since they were rendered, or not rendered at all: ${paths.join(', ')}`,
  help: 'Say the change in the config file, or in a kustomization of your own that builds on the rendered one; then remove the files named, or render with --force.',
})

export const deployFolderUnwritable: ErrorMaker<[folder: string, why: string]> = defineError({
  code: 'deploy_folder_unwritable',
  status: 500,
  when: 'The rendered files cannot be written.',
  message: (folder, why) => `${folder} cannot be written: ${why}`,
  help: 'Name a folder that you may write to with --out, or - for the terminal.',
})
