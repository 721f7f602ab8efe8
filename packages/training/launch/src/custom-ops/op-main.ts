/** The process that tries an operator: `op-main JOB FILE`. */

import { isHadalError } from '@hadal/base'
import { exitCodes, processTerminal, reportError } from '@hadal/output'
import { loadOp } from './load-op.ts'
import type { OpJob } from './op-process.ts'

const [job, file] = process.argv.slice(2) as [string, string]
const terminal = processTerminal()
try {
  const module = await loadOp(file)
  const wanted = JSON.parse(job) as OpJob
  if (wanted.kind === 'test') {
    const { testOp } = await import('./test-op.ts')
    process.exitCode = await testOp(module, wanted, terminal)
  } else {
    const { benchmarkOp } = await import('./benchmark-op.ts')
    process.exitCode = await benchmarkOp(module, wanted, terminal)
  }
} catch (thrown) {
  if (!isHadalError(thrown)) throw thrown
  process.exitCode = reportError(thrown, terminal) || exitCodes.failure
}
