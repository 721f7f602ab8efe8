/**
 * `npm test`: sets everything up, then runs all tests. Arguments are passed to vitest: `npm test -- --project unit`. With `--serving` it runs
 * the tests that need no libtorch, and installs none.
 */

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
import { servingTests } from './serving-tests.mjs'

const isServing = process.argv.includes('--serving')

installPackages()
if (!isServing) await prepareTensor()
preparePostgres()
prepareOnnxChecker()
prepareMonitoring()
prepareBrowser()
step('building')
buildPackages()
runBin('vitest', [
  'run',
  '--reporter=default',
  '--reporter=./scripts/closing-counts.ts',
  ...process.argv.slice(2).filter((argument) => argument !== '--serving'),
  ...(isServing ? servingTests() : []),
])
