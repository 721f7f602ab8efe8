/**
 * Which tests run without libtorch: `npm test -- --serving`. Continuous integration runs them on macOS and Windows. Everything is included
 * but what is listed here, so new packages and tests are covered from the start. Plain JavaScript with no dependencies, like prepare.mjs.
 */

import { readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import { nameOf, packageFolders } from './package-folders.mjs'
import { root } from './prepare.mjs'

/** Packages that load the tensor addon. */
export const trainingPackages = ['launch', 'models', 'nn', 'prove', 'tensor', 'train']

/** Packages that depend on those, and load them only in a process of their own or for one command. */
export const mixedPackages = ['admin', 'cli', 'probes']

/** What trains, exports or classifies in `cli`: folders, and prefixes of file names. */
const trainingTests = [
  'packages/apps/cli/src/commands/export',
  'packages/apps/cli/src/commands/image-text',
  'packages/apps/cli/src/commands/models',
  'packages/apps/cli/src/commands/op-new',
  'packages/apps/cli/src/commands/profile.test',
  'packages/apps/cli/test/deploy-train',
  'packages/apps/cli/test/ranks',
  'packages/apps/cli/test/serve-clip',
  'packages/apps/cli/test/verify-resume',
]

/** End-to-end tests of the server. The others train or drive a browser. */
const endToEndTests = ['tests/e2e/serve', 'tests/e2e/tool-calls']

/** The filters to pass to vitest, which runs every test file whose path contains one of them. */
export function servingTests() {
  const excluded = [...trainingPackages, 'cli']
  return [
    ...packageFolders()
      .filter((folder) => !excluded.includes(nameOf(folder)))
      .map((folder) => `${folder}/`),
    ...testFiles('packages/apps/cli').filter(
      (path) => !trainingTests.some((start) => path.startsWith(start)),
    ),
    ...endToEndTests,
  ]
}

function testFiles(folder) {
  return ['src', 'test'].flatMap((name) =>
    readdirSync(join(root, folder, name), { recursive: true })
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => `${folder}/${name}/${file.replaceAll(sep, '/')}`),
  )
}
