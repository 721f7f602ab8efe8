/** What keeps `hadal deploy lint` from reading. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const lintUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'lint_unreadable',
  status: 400,
  when: 'A file, folder or standard input given to `hadal deploy lint` cannot be read.',
  message: (path, why) => `cannot read ${path}: ${why}`,
  help: 'Name files and folders of manifests, or - for standard input: kustomize build . | hadal deploy lint -',
})

export const lintNothing: ErrorMaker<[places: readonly string[]]> = defineError({
  code: 'lint_nothing',
  status: 400,
  when: '`hadal deploy lint` found no manifests. This is an error, because an empty check would look like a passed one.',
  message: (places) => `no manifests found in ${places.join(', ')}`,
  help: 'Name .yaml, .yml or .json files (or their folder) that have an apiVersion and a kind.',
})
