/** Finds a recipe and starts the process that carries it out. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { programEntry } from '@hadal/base'
import type { Terminal } from '@hadal/output'
import { signalExitCode } from '@hadal/output'
import { recipeNotFound } from './errors.ts'

/** The job of the process; passed as JSON. */
export type RecipeJob =
  | {
      readonly kind: 'train'
      /** Arguments of node that print the help of runs. */
      readonly help?: readonly string[]
    }
  /** The first steps of a run, to be compared: see `trial.ts`. */
  | {
      readonly kind: 'trial'
      readonly folder: string
      readonly steps: number
      /** How it ends: after the last step, by SIGKILL in the middle of one, or by SIGTERM. */
      readonly end: 'last-step' | 'killed' | 'stopped'
    }

/** A file as given; for a folder its `train.ts`, `run.ts` or the same in JavaScript. Throws `recipe_not_found`. */
export function recipeFile(recipe: string, folder: string): string {
  const path = resolve(folder, recipe)
  const candidates = [path, ...['train.ts', 'train.js', 'run.ts', 'run.js'].map((name) => join(path, name))]
  const found = candidates.find((candidate) => existsSync(candidate) && statSync(candidate).isFile())
  if (found === undefined) throw recipeNotFound(recipe)
  return found
}

/** Node arguments to run a recipe in a process. */
export function recipeArguments(job: RecipeJob, file: string, args: readonly string[]): string[] {
  const { path, execArgv } = programEntry(import.meta.url, './recipe-main')
  // A recipe is TypeScript also where the command was built.
  const modules = new URL('./recipe-modules.js', pathToFileURL(path)).href
  const loader =
    execArgv.length > 0 ? execArgv : ['--import', modules, '--import', import.meta.resolve('tsx')]
  return [...loader, path, JSON.stringify(job), file, ...args]
}

export function startRecipe(
  job: RecipeJob,
  file: string,
  args: readonly string[],
  { folder }: Pick<Terminal, 'folder'>,
): ChildProcess {
  return spawn(process.execPath, recipeArguments(job, file, args), { stdio: 'inherit', cwd: folder })
}

/** As in a shell: 128 plus the signal's number if one ended the process. */
export async function exitCodeOf(child: ChildProcess): Promise<number> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return code ?? signalExitCode(signal!)
}
