/** What keeps `hadal deploy` from reading or writing. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const deployColdStartUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'deploy_cold_start_unreadable',
  status: 400,
  when: 'The file is not a readable report of a cold-start measurement.',
  message: (path, why) => `${path} is not a cold-start report: ${why}`,
  help: 'Create one with `hadal bench coldstart --json FILE`.',
})

export const deployFolderTaken: ErrorMaker<[folder: string]> = defineError({
  code: 'deploy_folder_taken',
  status: 400,
  when: 'The output folder contains files that `hadal deploy render` did not write. It never overwrites such files.',
  message: (folder) => `${folder} contains files that were not rendered`,
  help: (folder) => `Choose another folder with --out, or empty ${folder} yourself.`,
})

export const deployFileChanged: ErrorMaker<[paths: readonly string[]]> = defineError({
  code: 'deploy_file_changed',
  status: 400,
  when: 'A rendered file was edited or replaced after the last render, and rendering again would discard that change.',
  message: (paths) => `edited since the last render, or never rendered: ${paths.join(', ')}`,
  help: 'Move the change into the config file, or into your own kustomization on top of the rendered one. Then delete the files listed, or render with --force.',
})

export const deployFolderUnwritable: ErrorMaker<[folder: string, why: string]> = defineError({
  code: 'deploy_folder_unwritable',
  status: 500,
  when: 'The rendered files cannot be written.',
  message: (folder, why) => `cannot write to ${folder}: ${why}`,
  help: 'Choose a writable folder with --out, or - for standard output.',
})
