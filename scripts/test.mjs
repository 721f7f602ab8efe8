/**
 * `npm test`: sets everything up, then runs all tests.
 *
 *   npm test -- packages/serving/batching     the files of a path; other arguments go on to vitest, too
 *   npm test -- --changed[=REF]       what depends on the changes since the last commit; slow files are named (changed-tests.mjs)
 *   npm test -- --serving             what needs no libtorch, and installs none (serving-tests.mjs)
 */

import { testsOfChanges } from './changed-tests.mjs'
import {
  buildPackages,
  fail,
  installPackages,
  prepareBrowser,
  prepareMonitoring,
  prepareOnnxChecker,
  preparePostgres,
  prepareTensor,
  runBin,
  step,
} from './prepare.mjs'
import { servingTests } from './serving-tests.mjs'

const { own, filters } = takeOwn(process.argv.slice(2))
if (own.has('--changed')) filters.push(...changedTests(own.get('--changed')))
if (own.has('--serving')) filters.push(...servingTests())

installPackages()
if (!own.has('--serving')) await prepareTensor()
preparePostgres()
prepareOnnxChecker()
prepareMonitoring()
prepareBrowser()
step('building packages')
buildPackages()
step('running tests')
runBin('vitest', ['run', '--reporter=./scripts/test-reporter.mjs', ...filters])

/** `--name` and `--name=value` of this script; the rest is vitest's. */
function takeOwn(args) {
  const own = new Map()
  const filters = args.filter((arg) => {
    const [, name, value] = /^(--changed|--serving)(?:=(.*))?$/.exec(arg) ?? []
    if (name !== undefined) own.set(name, value)
    return name === undefined
  })
  return { own, filters }
}

function changedTests(reference) {
  const { since, tests, postponed, onlyDocuments } = testsOfChanges(reference)
  if (tests.length === 0) {
    step(`no test depends on what changed since ${since}`)
    if (onlyDocuments) process.exit()
    fail('nothing was tested', 'Run npm test, or name the tests: npm test -- packages/serving/guard')
  }
  step(`${tests.length} test files depend on what changed since ${since}`)
  if (postponed.length > 0) step(`postponed, because they are slow: npm test -- ${postponed.join(' ')}`)
  return tests
}
