/** Opens a recipe, the default export of a file for `hadal train`, as a run with command-line settings applied. */

import { basename } from 'node:path'
import { isHadalError, messageOf } from '@hadal/base'
import { invalidRun } from './errors.ts'
import type { TrainListener } from './events.ts'
import { overrideRun, type SaidSettings } from './override-run.ts'
import { recipeFailed, recipeInvalid } from './recipe-errors.ts'
import { defineRun, type Run, type RunOptions } from './run.ts'

/** A run and its accompanying options. */
export type RecipeOptions = (RunOptions | Run) & {
  /** In addition to the default subscribers. */
  readonly listeners?: readonly TrainListener[]
  /** Called when the run has ended, with the run as executed: for example to export the model. */
  readonly done?: (run: Run) => void | Promise<void>
}

/** Receives the command-line settings, which also override its result, and the arguments after `--`, which are its own. */
export type RecipeFunction = (
  said: SaidSettings,
  args: readonly string[],
) => RecipeOptions | Promise<RecipeOptions>

export interface OpenedRecipe {
  readonly run: Run
  readonly listeners: readonly TrainListener[]
}

export interface CommandLine {
  readonly said: SaidSettings
  readonly args: readonly string[]
  /** Issues of the command line; reported together with the run's. */
  readonly issues: readonly string[]
}

/**
 * Gives a recipe its types.
 *
 * @example
 * ```ts
 * import { defineRecipe, readModel, streamWindows } from '@hadal/train'
 * import { loadTokenizer } from '@hadal/nn'
 *
 * export default defineRecipe((said, [folder = 'models/base', ...files]) => {
 *   const base = readModel(folder)
 *   return {
 *     name: 'chats',
 *     folder: 'runs/chats',
 *     ...base,
 *     data: streamWindows({ files, vocabulary: loadTokenizer(folder), modelVocabSize: base.model.vocab_size, length: 1024, validShare: 0.02 }),
 *     batch: { windows: 4, accumulate: 8 },
 *     schedule: { peak: 2e-5, warmupSteps: 50, totalSteps: said['schedule.totalSteps'] ?? 1_000, floorFraction: 0.1 },
 *     evaluate: { everySteps: 100 },
 *   }
 * })
 * ```
 */
export function defineRecipe(recipe: RecipeFunction): RecipeFunction {
  return recipe
}

/**
 * `exported` is the default export of `file`. Throws `train_recipe_invalid`, `train_invalid_run` with every issue of run and
 * command line, `train_recipe_failed`, and coded errors of the recipe.
 *
 * @internal
 */
export async function openRecipe(exported: unknown, file: string, line: CommandLine): Promise<OpenedRecipe> {
  const given =
    typeof exported === 'function' ? await called(exported as RecipeFunction, file, line) : exported
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw recipeInvalid(
      file,
      `the default export must be a run, got ${given === null ? 'null' : typeof given}`,
    )
  const { listeners = [], done, ...recipe } = given as RecipeOptions
  if (!Array.isArray(listeners) || listeners.some((listener) => typeof listener !== 'function'))
    throw recipeInvalid(file, 'listeners must be a list of functions')
  if (done !== undefined && typeof done !== 'function') throw recipeInvalid(file, 'done must be a function')
  const { options, issues } = overrideRun(recipe as RunOptions, line.said)
  const run = defineRun(options, [...line.issues, ...issues])
  const atTheEnd: TrainListener = async ({ type }) => {
    if (type === 'finished' || type === 'stopped') await done?.(run)
  }
  return { run, listeners: [...listeners, ...(done ? [atTheEnd] : [])] }
}

/** Issues of the command line are reported even if the recipe fails. */
async function called(
  recipe: RecipeFunction,
  file: string,
  { said, args, issues }: CommandLine,
): Promise<unknown> {
  try {
    return await recipe(said, args)
  } catch (thrown) {
    const error = isHadalError(thrown)
      ? thrown
      : recipeFailed(file, placed(thrown, file)).with({ cause: thrown })
    if (issues.length === 0) throw error
    throw invalidRun('of the recipe', [...issues, error.message]).with({ cause: thrown })
  }
}

/** Adds the recipe's line, if it is in the stack. */
function placed(thrown: unknown, file: string): string {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : ''
  const name = basename(file).replace(/[.]/g, '\\.')
  const place = new RegExp(`${name}:(\\d+):\\d+`).exec(stack)
  return place ? `${messageOf(thrown)} (line ${place[1]})` : messageOf(thrown)
}
