/**
 * Alternating cold starts with all optimizations off and on. With them, the first request finds a warmed-up model and the KV cache of its
 * system prompt from the previous run.
 */

import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from '@hadal/base'
import { askOnce, type ColdStart, measureStart, startService } from './measure-start.ts'

export interface ColdStartPlan {
  /** Path of the file that runs `hadal`. */
  readonly program: string
  readonly model: string
  readonly rounds: number
  readonly systemPromptTokens: number
  /** Arguments of `hadal serve` for every start. */
  readonly flags: readonly string[]
}

export const modes = ['off', 'on'] as const
export type Mode = (typeof modes)[number]

export interface ColdStartReport {
  readonly model: string
  readonly systemPromptTokens: number
  readonly flags: Readonly<Record<Mode, readonly string[]>>
  readonly starts: Readonly<Record<Mode, readonly ColdStart[]>>
  readonly medians: Readonly<Record<Mode, Medians>>
  /** Ratio for the first request. */
  readonly ratio: number
}

export type Medians = Pick<ColdStart, 'readyMillis' | 'firstRequestMillis' | 'firstTokenMillis' | 'phases'>

const question = (number: number): string => `\n\nQuestion ${number}: what comes after ${number}?\n\nAnswer:`
/** Repetitions and distinct endings after which a prefix counts as shared. */
const uses = 6

export async function runColdStart(
  plan: ColdStartPlan,
  onStart: (mode: Mode, round: number, start: ColdStart) => void,
  signal: AbortSignal,
): Promise<ColdStartReport> {
  const folder = await mkdtemp(join(tmpdir(), 'hadal-coldstart-'))
  try {
    const common = ['--model', plan.model, ...plan.flags]
    const flags = {
      off: [...common, '--preload', 'false'],
      on: [...common, '--preload', 'true', '--snapshot-dir', folder],
    }
    const systemPrompt = await teach(plan.program, flags.on, folder, plan.systemPromptTokens, signal)
    const starts: Record<Mode, ColdStart[]> = { off: [], on: [] }
    for (let round = 1; round <= plan.rounds; round += 1) {
      // Each round begins with the other one, so that none always runs on the warmer machine.
      for (const mode of round % 2 === 0 ? modes.toReversed() : modes) {
        const start = await measureStart(
          plan.program,
          flags[mode],
          systemPrompt.text + question(100 + round),
          signal,
        )
        starts[mode].push(start)
        onStart(mode, round, start)
      }
    }
    return report({ ...plan, systemPromptTokens: systemPrompt.tokens }, flags, starts)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export function report(
  { model, systemPromptTokens }: ColdStartPlan,
  flags: ColdStartReport['flags'],
  starts: ColdStartReport['starts'],
): ColdStartReport {
  const medians = { off: mediansOf(starts.off), on: mediansOf(starts.on) }
  const ratio = medians.on.firstRequestMillis / medians.off.firstRequestMillis
  return { model, systemPromptTokens, flags, starts, medians, ratio }
}

function mediansOf(starts: readonly ColdStart[]): Medians {
  const of = (read: (start: ColdStart) => number): number => median(starts.map(read))
  const phases = [...new Set(starts.flatMap((start) => Object.keys(start.phases)))]
  return {
    readyMillis: of((start) => start.readyMillis),
    firstRequestMillis: of((start) => start.firstRequestMillis),
    firstTokenMillis: of((start) => start.firstTokenMillis),
    phases: Object.fromEntries(phases.map((phase) => [phase, of((start) => start.phases[phase] ?? 0)])),
  }
}

interface SystemPrompt {
  readonly text: string
  readonly tokens: number
}

/** A run that sends the system prompt often enough to be saved: close to the requested tokens, or as many as fit. */
async function teach(
  program: string,
  flags: readonly string[],
  folder: string,
  wanted: number,
  signal: AbortSignal,
): Promise<SystemPrompt> {
  await using service = await startService(program, flags, signal)
  const { url } = service
  const list = (await (await fetch(`${url}/v1/models`, { signal })).json()) as {
    data: readonly { max_model_len: number }[]
  }
  const most = list.data[0]!.max_model_len - roomForQuestion
  const sample = await askOnce(url, words(64))
  const text = words(Math.max(1, Math.round((Math.min(wanted, most) * 64) / sample.promptTokens)))
  const { promptTokens } = await askOnce(url, text)
  for (let number = 0; number < uses; number += 1) await askOnce(url, text + question(number))
  // Written asynchronously; a model that saves none is measured anyway.
  for (let waited = 0; waited < longestWriteMillis && !(await holdsFile(folder)); waited += 50)
    await sleep(50, undefined, { signal })
  return { text, tokens: promptTokens }
}

const longestWriteMillis = 5000

async function holdsFile(folder: string): Promise<boolean> {
  return (await readdir(folder, { recursive: true })).some((name) => name.endsWith('.kv'))
}

/** Prompt and response, in tokens. */
const roomForQuestion = 80

const vocabulary =
  'you are a kind helper who tells little children what the cat and the dog did in the garden all day'.split(
    ' ',
  )

/** Deterministic. */
const words = (count: number): string =>
  Array.from({ length: count }, (_, at) => vocabulary[(at * 7 + (at >> 3)) % vocabulary.length]).join(' ')
