/** `hadal train verify-resume`: whether a run that is interrupted ends with the same bits as one that is not, tried and compared. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exitCodeOf, type RecipeJob, readRankFlags, recipeFile, startRecipe } from '@hadal/launch'
import { readTrial, startsOf } from '@hadal/launch/recipe'
import type { Terminal } from '@hadal/output'
import { exitCodes, say, signalExitCode, usage } from '@hadal/output'
import { compareRuns, firstDifference, type PartComparison } from '@hadal/train'
import { trialFailed } from '../errors.ts'

export async function verifyResume(
  recipe: string,
  given: string,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const steps = Number(given)
  if (!(Number.isSafeInteger(steps) && steps >= 4))
    throw usage(say`--steps must be a whole number of at least 4`, 'hadal train verify-resume')
  if (readRankFlags(args).ranks !== undefined)
    throw usage(
      say`verify-resume runs in one process and cannot be combined with --nproc`,
      'hadal train verify-resume',
    )
  const file = recipeFile(recipe, terminal.folder)
  const root = mkdtempSync(join(terminal.env.TMPDIR || tmpdir(), 'hadal-verify-resume-'))
  const [whole, parts] = [join(root, 'undisturbed'), join(root, 'interrupted')]
  const run = async (
    what: string,
    folder: string,
    end: Extract<RecipeJob, { kind: 'trial' }>['end'],
    wanted: number,
  ): Promise<void> => {
    terminal.note(terminal.noteStyle.dim(what))
    const code = await exitCodeOf(startRecipe({ kind: 'trial', folder, steps, end }, file, args, terminal))
    if (code !== wanted) throw trialFailed(what, code)
  }
  try {
    await run(say`uninterrupted run`, whole, 'last-step', 0)
    await run(say`killed in the middle of a step and of an epoch`, parts, 'killed', signalExitCode('SIGKILL'))
    await run(say`restarted and stopped`, parts, 'stopped', 0)
    await run(say`restarted, to the end`, parts, 'last-step', 0)
    const { checkpoint } = readTrial(whole)
    const compared = compareRuns(readTrial(whole), readTrial(parts))
    terminal.print(
      say`${checkpoint.state.step} steps, restarted after steps ${startsOf(parts).slice(1).join(' and ')}`,
    )
    return verdict(compared, terminal)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function verdict(parts: readonly PartComparison[], { print, style }: Terminal): number {
  const width = Math.max(...parts.map(({ part }) => part.length))
  for (const { part, size, difference } of parts)
    print(
      `${part.padEnd(width)}  ${difference === undefined ? style.green(say`same`) : style.red(say`differs`)}  ${style.dim(size)}`,
    )
  const first = firstDifference(parts)
  if (first === undefined) {
    print(style.bold(say`The resumed run is identical bit for bit.`))
    return exitCodes.success
  }
  print(style.bold(say`The resumed run differs. First difference, in ${first.part}: ${first.difference}.`))
  print(reasons[first.part])
  return exitCodes.failure
}

/** Likely causes. */
const reasons: Readonly<Record<PartComparison['part'], string>> = {
  run: 'The recipe gives another run each time it is loaded: look for a clock or Math.random in it.',
  'data read': 'The data did not go on where it was: look at state and restore of the stream.',
  metrics:
    'It read the same and computed otherwise: look for randomness outside of libtorch’s generator, or another number of threads.',
  weights: 'It read and measured the same: look at what changes weights outside of the loop.',
  optimizer: 'Weights are the same, so far: look at what the optimizer keeps.',
  average: 'Weights are the same: look at what changes the average outside of the loop.',
  precision:
    'Weights are the same: look at what the loss scale of fp16, the scales of fp8 or the observers of activations come from.',
  'random state': 'Something drew random numbers outside of the steps: a listener, or an evaluation.',
  position: 'The state of the stream says otherwise where it is: it has to be a function of what was drawn.',
  spent: 'The ledger has other steps than were made: nothing but the loop may write it.',
  state: 'What decides later steps is not as it was: held-out losses, or what the guard keeps.',
}
