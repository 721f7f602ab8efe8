/** Renders a run's memory, and the savings of each technique, as text and as JSON. */

import { formatBytes } from '@hadal/base'
import type { Style } from '@hadal/output'
import { formatTable, recognise, say, translate } from '@hadal/output'
import type { Run, RunPlan, TechniquePlan, TechniquesPlan } from '@hadal/train'

export interface MemoryAnswer {
  /** All there is. */
  readonly memoryBytes: number
  /** Current memory of this process: Node, libtorch, the recipe's data, initial weights. */
  readonly processBytes: number
  /** Copies of weights and optimizer state made by the guard and checkpoints. */
  readonly copiesBytes: number
  readonly plan: TechniquesPlan
}

/** The memory left for tensors. */
export function answerOf(
  runPlan: RunPlan,
  memoryBytes: number,
  processBytes: number,
  plan: (tensorBytes: number) => TechniquesPlan,
): MemoryAnswer {
  const { copies } = runPlan.hostBytes
  const room = Math.max(0, memoryBytes - processBytes - copies)
  return { memoryBytes, processBytes, copiesBytes: copies, plan: plan(room) }
}

export function memoryLines(
  run: Run,
  { memoryBytes, processBytes, copiesBytes, plan }: MemoryAnswer,
  style: Style,
): string[] {
  const { techniques, advice, advisedBytes } = plan
  const heads = [
    '',
    say`fits`,
    say`peak`,
    say`weights`,
    say`gradients`,
    say`optimizer`,
    say`activations`,
    say`operations`,
  ]
  const itself = techniques[0]!
  const average =
    itself.bytes.average > 0 ? say`, compared with an average of ${formatBytes(itself.bytes.average)}` : ''
  return [
    say`${run.name}: ${formatBytes(memoryBytes)} of memory. The process and its data take ${formatBytes(processBytes)}, guard and checkpoint copies ${formatBytes(copiesBytes)}; ${style.bold(formatBytes(plan.memoryBytes))} remain for tensors.`,
    say`Peak memory of a step${average}:`,
    '',
    formatTable(
      [heads.map(style.dim), ...techniques.map((technique) => row(technique, style))],
      heads.map((_, column) => (column === 0 ? 'left' : 'right')),
    ),
    '',
    say`Memory savings and their cost:`,
    '',
    formatTable(
      techniques.slice(1).map(({ flags, price }) => [flags, style.dim(recognise(price))]),
      ['left', 'left'],
    ),
    '',
    ...adviceLines(plan.memoryBytes, itself, advice, advisedBytes, style),
  ]
}

function row({ name, bytes, peakBytes, fits, work }: TechniquePlan, style: Style): string[] {
  const { weights, gradients, optimizer, activations } = bytes
  return [
    recognise(name),
    fits ? style.green(say`yes`) : style.red('no'),
    style.bold(formatBytes(peakBytes)),
    ...[weights, gradients, optimizer, activations].map(formatBytes),
    work === undefined ? '' : `${Math.round(work * 100)} %`,
  ]
}

function adviceLines(
  room: number,
  itself: TechniquePlan,
  advice: readonly TechniquePlan[],
  advisedBytes: number,
  style: Style,
): string[] {
  if (itself.fits) return [say`It fits; memory peaks in the ${translate(phaseNames[itself.phase])}.`]
  const flags = advice.map((technique) => technique.flags).filter((text) => text !== '')
  if (advisedBytes > room)
    return [
      say`It does not fit, even with all of these: ${formatBytes(advisedBytes)}. Use a smaller model, shorter windows or more memory.`,
      ...(flags.length > 0 ? [`  ${latest(flags).join(' ')}`] : []),
    ]
  return [
    say`It does not fit. ${style.bold(say`Change first`)}: ${advice.map(({ name }) => recognise(name)).join(say`, then `)}. Then it needs ${formatBytes(advisedBytes)}:`,
    `  ${latest(flags).join(' ')}`,
  ]
}

const phaseNames = { forward: 'forward pass', back: 'backward pass', update: 'update' } as const

/** A later technique overrides the flag's value. */
function latest(flags: readonly string[]): string[] {
  const byName = new Map<string, string>()
  for (const flag of flags.join(' ').split(/ (?=--)/)) byName.set(flag.split(' ')[0]!, flag)
  return [...byName.values()]
}
