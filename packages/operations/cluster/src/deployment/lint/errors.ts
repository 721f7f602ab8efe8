/** What keeps `hadal deploy lint` from reading. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const lintUnreadable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'lint_unreadable',
  status: 400,
  when: 'A file, a folder or standard input that `hadal deploy lint` should check cannot be read.',
  message: (path, why) => `${path} cannot be read: ${why}`,
  help: 'Name files and folders of manifests, or - for standard input: kustomize build . | hadal deploy lint -',
})

export const lintNothing: ErrorMaker<[places: readonly string[]]> = defineError({
  code: 'lint_nothing',
  status: 400,
  when: 'There is no manifest where `hadal deploy lint` should look: a check of nothing would look like a clean one.',
  message: (places) => `there are no manifests in ${places.join(', ')}`,
  help: 'Manifests are files that end in .yaml, .yml or .json and name an apiVersion and a kind.',
})
