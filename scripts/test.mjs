/**
 * `npm test`: sets everything up, then runs all tests.
 *
 *   npm test -- packages/batching     the files of a path; other arguments go on to vitest, too
 *   npm test -- --changed[=REF]       what depends on the changes since the last commit, in a minute (changed-tests.mjs)
 */

import { testsOfChanges } from './changed-tests.mjs'
import {
  buildPackages,
  installPackages,
  prepareBrowser,
  prepareMonitoring,
  prepareOnnxChecker,
  preparePostgres,
  prepareTensor,
  runBin,
  step,
} from './prepare.mjs'

let args = process.argv.slice(2)
const changed = args.find((arg) => /^--changed(=|$)/.test(arg))
if (changed !== undefined) {
  const { since, tests, left } = testsOfChanges(changed.split('=')[1])
  if (tests.length === 0) {
    step(`no test depends on what changed since ${since}`)
    process.exit()
  }
  step(`${tests.length} test files depend most closely on what changed since ${since}`)
  if (left.length > 0) step(`${left.length} more depend on it less closely: npm test runs all`)
  args = [...args.filter((arg) => arg !== changed), ...tests]
}

installPackages()
await prepareTensor()
preparePostgres()
prepareOnnxChecker()
prepareMonitoring()
prepareBrowser()
step('building packages')
buildPackages()
step('running tests')
runBin('vitest', ['run', '--reporter=./scripts/test-reporter.ts', ...args])
