/** `hadal guard attack`: how many questions it takes to get attacks past your guard. */

import { resolve } from 'node:path'
import { parseMillis } from '@hadal/base'
import {
  type BudgetLimits,
  budgetDefaults,
  budgetLimits,
  type Role,
  type Step,
  type Verdict,
} from '@hadal/guard'
import {
  type GuardFlags,
  type GuardPlace,
  guardNothingToMeasure,
  guardPlace,
  openGuard,
  readBy,
  readTexts,
} from '@hadal/guard-lab'
import {
  builtInSeeds,
  type Evasion,
  type EvasionReport,
  evasionHtml,
  evasionSvg,
  evasionText,
  replayLockout,
  runEvasion,
  singleLayers,
  stops,
  type Target,
  type Trace,
  wholeGuard,
} from '@hadal/guard-training'
import type { Terminal } from '@hadal/output'
import {
  exitCodes,
  type StopSignals,
  say,
  signalExitCode,
  tryReportFile,
  usage,
  watchStopSignals,
  wholeNumberFlag,
  writeReportFile,
} from '@hadal/output'
import { version } from '@hadal/service'
import { openGgufEncoder } from '../guard/gguf-encoder.ts'

export interface GuardAttackFlags extends GuardFlags {
  readonly queries: string
  readonly seeds?: string
  readonly most: string
  readonly layers?: string
  readonly oracle: 'label' | 'score'
  readonly role: Role
  readonly pause: string
  readonly seed: string
  readonly show: string
  readonly report?: string
  readonly svg?: string
  /** True if no file is given. */
  readonly json?: string | true
  readonly encoder?: string
}

const command = 'hadal guard attack'

export async function guardAttack(
  flags: GuardAttackFlags,
  terminal: Terminal,
  stopSignals: StopSignals = watchStopSignals(),
): Promise<number> {
  using stop = stopSignals
  const queries = wholeNumberFlag(flags.queries, '--queries', command)
  const seed = wholeNumberFlag(flags.seed, '--seed', command)
  const shown = flags.show === '0' ? 0 : wholeNumberFlag(flags.show, '--show', command)
  const pauseMillis = parseMillis(flags.pause)
  const { report: page, svg, json } = flags
  for (const path of [page, svg, typeof json === 'string' ? json : undefined])
    if (path !== undefined) await tryReportFile(resolve(terminal.folder, path))
  const attacks = await attacksToTry(flags, terminal)
  const place = await guardPlace(flags, terminal, command)
  let report: EvasionReport
  try {
    const { evasions, traces, budget } = await attackAll(
      { attacks, place, flags, queries, seed },
      terminal,
      stop.first,
    )
    report = {
      date: new Date().toISOString(),
      guard: place.origin,
      oracle: flags.oracle,
      queries,
      seed,
      attacks: attacks.length,
      evasions,
      lockout: lockoutOf(traces, budget, pauseMillis),
    }
  } catch (error) {
    terminal.status('')
    if (!stop.first.aborted || error !== stop.first.reason) throw error
    terminal.note(say`interrupted before all attacks were tried`)
    return signalExitCode(stop.first.reason as NodeJS.Signals)
  }
  terminal.status('')
  const write = (path: string, text: string): Promise<void> =>
    writeReportFile(resolve(terminal.folder, path), text)
  if (json === true) terminal.print(JSON.stringify(report, null, 2))
  else terminal.print(evasionText(report, shown, terminal.style, terminal.columns))
  if (typeof json === 'string') await write(json, `${JSON.stringify(report, null, 2)}\n`)
  if (page !== undefined) await write(page, evasionHtml(report, version))
  if (svg !== undefined) await write(svg, `${evasionSvg(report)}\n`)
  return exitCodes.success
}

interface Campaign {
  readonly attacks: readonly string[]
  readonly place: GuardPlace
  readonly flags: GuardAttackFlags
  readonly queries: number
  readonly seed: number
}

async function attackAll(
  { attacks, place, flags, queries, seed }: Campaign,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<{ evasions: Evasion[]; traces: Trace[]; budget: Budget }> {
  const { role, oracle, encoder: ref } = flags
  await using opened = ref === undefined ? undefined : await openGgufEncoder(ref, terminal, signal)
  using guard = await openGuard(place, opened && (await readBy([opened.encoder], signal)))
  const steps = guard.stepsFor(role)
  if (!steps.some(stops)) throw guardNothingToMeasure(say`nothing in ${place.origin} blocks texts`, command)
  const traces: Trace[] = []
  let verdicts: Verdict[] = []
  const whole = wholeGuard(guard, role, oracle === 'score', (verdict) => verdicts.push(verdict))
  const targets: Target[] = [whole, ...layersOf(flags, steps)]
  const evasions: Evasion[] = []
  for (const target of targets)
    evasions.push(
      await runEvasion(attacks, target, {
        budget: queries,
        seed,
        signal,
        onAttack: (name, done) => {
          terminal.status(
            say`${name === 'guard' ? say`the guard` : say`only ${name}`}: ${done} of ${attacks.length} attacks`,
          )
          if (target !== whole) return
          // Attacks that are not blocked unmodified say nothing about a budget.
          const evaded = isThrough(verdicts.at(-1)!)
          if (!(evaded && verdicts.length === 1)) traces.push({ verdicts, evaded })
          verdicts = []
        },
      }),
    )
  const { policy } = guard
  const limits = budgetLimits({ ...policy, budget: policy.budget || budgetDefaults })!
  return { evasions, traces, budget: { limits, isOn: policy.budget !== false } }
}

/** From the policy, or that of `strict` if it has none. */
interface Budget {
  readonly limits: BudgetLimits
  readonly isOn: boolean
}

const isThrough = ({ action }: Verdict): boolean => action !== 'block' && action !== 'reply'

function layersOf({ layers, role, oracle }: GuardAttackFlags, steps: readonly Step[]): Target[] {
  if (layers === '-') return []
  const all = singleLayers(steps, role, oracle === 'score')
  if (layers === undefined) return all
  return layers.split(',').map((name) => {
    const found = all.find((target) => target.name === name)
    if (found !== undefined) return found
    throw usage(
      say`--layers: ${JSON.stringify(name)} is not a blocking layer; choose from ${all.map((target) => target.name).join(', ')}`,
      command,
    )
  })
}

function lockoutOf(
  traces: readonly Trace[],
  { limits, isOn }: Budget,
  pauseMillis: number,
): EvasionReport['lockout'] {
  const { blocked } = limits
  return { ...replayLockout(traces, limits, pauseMillis), isOn, blocked, pauseMillis }
}

/** Throws `usage` if a file contains no attacks. */
async function attacksToTry(
  { seeds, most }: GuardAttackFlags,
  terminal: Terminal,
): Promise<readonly string[]> {
  const limit = wholeNumberFlag(most, '--most', command)
  const all =
    seeds === undefined
      ? builtInSeeds
      : (await readTexts([seeds], terminal.folder)).flatMap(({ isAttack, text }) => (isAttack ? [text] : []))
  if (all.length === 0) throw usage(say`--seeds: ${seeds} contains no attacks (label 1)`, command)
  const stride = Math.max(1, all.length / limit)
  return Array.from({ length: Math.min(limit, all.length) }, (_, at) => all[Math.floor(at * stride)]!)
}
