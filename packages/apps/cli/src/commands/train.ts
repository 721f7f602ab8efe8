/** `hadal train`: runs a recipe in one or several processes. */

import { fileURLToPath } from 'node:url'
import {
  exitCodeOf,
  type RecipeJob,
  readRankFlags,
  recipeArguments,
  recipeFile,
  startRecipe,
  takeNsysFlag,
} from '@hadal/launch'
import type { Terminal } from '@hadal/output'
import { say, usage } from '@hadal/output'

const job: RecipeJob = {
  kind: 'train',
  help: [fileURLToPath(new URL('../../bin/hadal.js', import.meta.url)), 'train', '--help'],
}

/** Returns the recipe's exit code. */
export async function train(recipe: string, args: readonly string[], terminal: Terminal): Promise<number> {
  const file = recipeFile(recipe, terminal.folder)
  const nsys = takeNsysFlag(args)
  const { ranks, restarts, saysThreads, rest } = readRankFlags(nsys.rest)
  if (nsys.isRequested) {
    if (ranks !== undefined || restarts > 0)
      throw usage(
        say`--nsys profiles one process and cannot be combined with --nproc or --restarts`,
        'hadal train',
      )
    const { profileUnderNsys } = await import('./profile-nsys.ts')
    return profileUnderNsys([process.execPath, ...recipeArguments(job, file, rest)], {}, terminal)
  }
  if (ranks === undefined && restarts === 0) return inOneProcess(file, args, terminal)
  const { launchRanks } = await import('@hadal/launch/ranks')
  const program = recipeArguments(job, file, rest)
  return launchRanks({ args: program, ranks: ranks ?? 1, restarts, saysThreads }, terminal)
}

async function inOneProcess(file: string, args: readonly string[], terminal: Terminal): Promise<number> {
  const child = startRecipe(job, file, args, terminal)
  // A terminal sends Ctrl-C to both; the recipe handles it while this waits.
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
