/** `hadal train`: carries out a recipe in a process of its own. */

import type { Terminal } from '../terminal.ts'
import { exitCodeOf, recipeFile, startRecipe } from '../training/recipe-process.ts'

/** Its exit code is the recipe's. */
export async function train(recipe: string, rest: readonly string[], terminal: Terminal): Promise<number> {
  const file = recipeFile(recipe, terminal.folder)
  const child = startRecipe({ kind: 'train' }, file, rest, terminal)
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
