/**
 * The process of a recipe: `recipe-main JOB FILE ARGUMENTS`. Loads the recipe as a program; only if its default export is a run is
 * there more to do.
 */

import { isHadalError } from '@hadal/base'
import { exitCodes, languageOf, processTerminal, reportError, speak } from '@hadal/output'
import { exportedRun } from './exported-run.ts'
import { endWithLauncher, hasLauncher, report, reportFailure } from './ranks/rank-report.ts'
import type { RecipeJob } from './recipe-process.ts'

const [job, file, ...args] = process.argv.slice(2) as [string, string, ...string[]]
process.argv = [process.argv[0]!, file, ...args]
const terminal = processTerminal()
endWithLauncher()
await speak(languageOf(terminal.env))
try {
  const exported = await exportedRun(file)
  if (exported !== undefined) {
    const { execute } = await import('./execute.ts')
    process.exitCode = await execute(JSON.parse(job) as RecipeJob, exported, file, args, terminal)
    await report({ about: 'done' })
  } else if ((JSON.parse(job) as RecipeJob).kind !== 'train') {
    const { recipeInvalid } = await import('@hadal/train')
    throw recipeInvalid(file, 'it exports no run by default, so nothing can be tried with it')
  }
} catch (thrown) {
  if (!isHadalError(thrown)) throw thrown
  // With several ranks the launcher reports a single error.
  if (hasLauncher()) await reportFailure(thrown)
  process.exitCode = hasLauncher() ? exitCodes.failure : reportError(thrown, terminal)
}
