/** `hadal train`: carries out a recipe in a process of its own, or in several. */

import { usage } from '../output-errors.ts'
import { say } from '../language/speak.ts'
import { exitCodes } from '../report-error.ts'
import type { Terminal } from '../terminal.ts'
import { takeNsysFlag } from '../training/nsys-flag.ts'
import { readRankFlags } from '../training/ranks/rank-flags.ts'
import { exitCodeOf, recipeArguments, recipeFile, startRecipe } from '../training/recipe-process.ts'

/** Its exit code is the recipe's. */
export async function train(recipe: string, args: readonly string[], terminal: Terminal): Promise<number> {
  const file = recipeFile(recipe, terminal.folder)
  if (asksHelp(args)) return help(terminal)
  const nsys = takeNsysFlag(args)
  const { ranks, restarts, saysThreads, rest } = readRankFlags(nsys.rest)
  if (nsys.isAsked) {
    if (ranks !== undefined || restarts > 0)
      throw usage(say`--nsys watches one process: leave out --nproc and --restarts`, 'hadal train')
    const { profileUnderNsys } = await import('./profile-nsys.ts')
    return profileUnderNsys(
      [process.execPath, ...recipeArguments({ kind: 'train' }, file, rest)],
      {},
      terminal,
    )
  }
  if (ranks === undefined && restarts === 0) return inOneProcess(file, args, terminal)
  const { launchRanks } = await import('../training/ranks/launch.ts')
  const program = recipeArguments({ kind: 'train' }, file, rest)
  return launchRanks({ args: program, ranks: ranks ?? 1, restarts, saysThreads }, terminal)
}

async function inOneProcess(file: string, args: readonly string[], terminal: Terminal): Promise<number> {
  const child = startRecipe({ kind: 'train' }, file, args, terminal)
  // A terminal sends Ctrl-C to both; the recipe decides what to do and this waits for it.
  const ignore = (): void => {}
  const forward = (): void => void child.kill('SIGTERM')
  process.on('SIGINT', ignore)
  process.on('SIGTERM', forward)
  try {
    return await exitCodeOf(child)
  } finally {
    process.off('SIGINT', ignore)
    process.off('SIGTERM', forward)
  }
}

/** What stands after `--` is the recipe's own. */
function asksHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return (end < 0 ? args : args.slice(0, end)).some((arg) => arg === '-h' || arg === '--help')
}

async function help(terminal: Terminal): Promise<number> {
  const { createProgram } = await import('../program.ts')
  await createProgram(terminal, () => {})
    .parseAsync(['train', '--help'], { from: 'user' })
    .catch(() => {})
  return exitCodes.success
}
