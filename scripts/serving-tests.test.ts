/** `npm test -- --serving` leaves out every package that needs libtorch, and no other. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { nameOf, packageFolders } from './package-folders.mjs'
// @ts-expect-error JavaScript without types, because it runs before anything is installed.
import { mixedPackages, servingTests, trainingPackages } from './serving-tests.mjs'

const root = join(import.meta.dirname, '..')
const folders = new Map(packageFolders().map((folder) => [nameOf(folder), join(root, folder)]))

/** The packages that `name` depends on, directly and indirectly, and `name`. */
function closure(name: string): Set<string> {
  const { dependencies = {} } = JSON.parse(
    readFileSync(join(folders.get(name)!, 'package.json'), 'utf8'),
  ) as {
    dependencies?: Record<string, string>
  }
  const direct = Object.keys(dependencies)
    .filter((each) => each.startsWith('@hadal/'))
    .map((each) => each.slice('@hadal/'.length))
  return new Set([name, ...direct.flatMap((each) => [...closure(each)])])
}

it('leaves out the packages that depend on the tensor addon, but for the parts of mixed ones that do not', () => {
  const training = [...folders.keys()].filter((name) => closure(name).has('tensor'))
  expect([...trainingPackages, ...mixedPackages].sort()).toEqual(training.sort())
})

it('covers the server, and neither training nor its commands', () => {
  const filters: string[] = servingTests()
  expect(filters).toEqual(
    expect.arrayContaining([
      'packages/serving/server/',
      'packages/serving/engine/',
      'packages/apps/cli/src/serve.test.ts',
    ]),
  )
  expect(
    filters.filter((filter) =>
      /packages\/training\/(train|tensor)\/|export-onnx|cli\/src\/training/.test(filter),
    ),
  ).toEqual([])
})
