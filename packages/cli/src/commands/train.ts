/** `hadal train`: runs a recipe, which is a program of its own, in its own process. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { recipeNotFound } from '../errors.ts'
import { signalExitCode } from '../stop-signals.ts'
import type { Terminal } from '../terminal.ts'

/** Its exit code is the recipe's. */
export async function train(recipe: string, rest: readonly string[], terminal: Terminal): Promise<number> {
  const file = recipeFile(resolve(terminal.folder, recipe))
  if (file === undefined) throw recipeNotFound(recipe)
  const fromSource = import.meta.url.endsWith('.ts')
  const child = spawn(
    process.execPath,
    [
      ...(fromSource ? ['--conditions=@hadal/source'] : []),
      '--import',
      import.meta.resolve('tsx'),
      file,
      ...rest,
    ],
    { stdio: 'inherit', cwd: terminal.folder },
  )
  // A terminal sends Ctrl-C to both; the recipe decides what to do and this waits for it.
  const ignore = (): void => {}
  const forward = (): void => void child.kill('SIGTERM')
  process.on('SIGINT', ignore)
  process.on('SIGTERM', forward)
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    return code ?? signalExitCode(signal!)
  } finally {
    process.off('SIGINT', ignore)
    process.off('SIGTERM', forward)
  }
}

/** A file as it is; in a folder, `train.ts` or `train.js`. */
function recipeFile(path: string): string | undefined {
  const candidates = [path, join(path, 'train.ts'), join(path, 'train.js')]
  return candidates.find((candidate) => existsSync(candidate) && statSync(candidate).isFile())
}
