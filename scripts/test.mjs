/** `npm test`: sets everything up, then runs all tests. Arguments go on to vitest: `npm test -- --project unit`. */

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

installPackages()
await prepareTensor()
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
  ...process.argv.slice(2),
])
