/**
 * Plans a run's memory with each memory-saving technique, and chooses techniques if the run does not fit. Creates no tensors and
 * changes no run.
 */

import { privacyIssues } from '../privacy/privacy-issues.ts'
import type { RunConfig } from '../run-config.ts'
import { type OwnedBytes, peakBytes, peakPhase, type StepPhase } from './run-memory.ts'
import { inOrder, memoryOf, type Technique, techniquesOf } from './techniques.ts'

export interface TechniquePlan {
  readonly name: string
  /** Flags of `hadal train` that enable it; empty for the unchanged run. */
  readonly flags: string
  readonly bytes: OwnedBytes
  readonly peakBytes: number
  readonly phase: StepPhase
  /** Whether it fits in the given memory. */
  readonly fits: boolean
  /** Operations of a step relative to the unchanged run; undefined if its cost is of another kind. */
  readonly work: number | undefined
  /** Its cost, in words. */
  readonly price: string
}

export interface TechniquesPlan {
  /** Memory available to tensors. */
  readonly memoryBytes: number
  /** The unchanged run comes first. */
  readonly techniques: readonly TechniquePlan[]
  /** Recommended techniques: the cheapest single one that fits, or several to combine. Empty if the run fits. */
  readonly advice: readonly TechniquePlan[]
  /** With the advice taken. */
  readonly advisedBytes: number
}

/**
 * `ranks` is how many processes the techniques of several are tried with.
 *
 * @internal
 */
export function planTechniques(run: RunConfig, memoryBytes: number, ranks = 2): TechniquesPlan {
  const planned = (technique: Technique): TechniquePlan => planOf(technique, memoryBytes)
  const itself: Technique = {
    name: 'as it is',
    flags: '',
    run,
    work: 1,
    price: '',
  }
  const all = techniquesOf(run, memoryBytes, ranks).filter(goesWithPrivacy)
  const techniques = [itself, ...all].map(planned)
  return { memoryBytes, techniques, ...adviceFor(run, all, memoryBytes) }
}

/** Excludes techniques that private runs do not support; private runs are a single process. */
const goesWithPrivacy = ({ run, flags }: Technique): boolean =>
  !run.privacy ||
  (!/--nproc|--checkpointing-memory-target/.test(flags) && privacyIssues(run, false).length === 0)

function planOf(technique: Technique, memoryBytes: number): TechniquePlan {
  const { name, flags, work, price } = technique
  const plan = memoryOf(technique)
  const peak = peakBytes(plan)
  const { bytes } = plan
  return {
    name,
    flags,
    bytes,
    peakBytes: peak,
    phase: peakPhase(plan),
    fits: peak <= memoryBytes,
    work,
    price,
  }
}

/** The cheapest technique that suffices alone; else free ones, then cheap ones, until it fits. */
function adviceFor(
  run: RunConfig,
  all: readonly Technique[],
  memoryBytes: number,
): Pick<TechniquesPlan, 'advice' | 'advisedBytes'> {
  const own = peakBytes(memoryOf({ run }))
  if (own <= memoryBytes) return { advice: [], advisedBytes: own }
  const simple = all.filter(({ isSimple }) => isSimple)
  const plans = simple.map((technique) => planOf(technique, memoryBytes))
  const fitting = plans.filter(({ fits }) => fits)
  const cheapest = fitting.sort((a, b) => (a.work ?? 1) - (b.work ?? 1) || b.peakBytes - a.peakBytes)[0]
  if (cheapest) return { advice: [cheapest], advisedBytes: cheapest.peakBytes }
  let together = run
  let bytes = own
  const advice: TechniquePlan[] = []
  for (const make of inOrder) {
    const technique = make(together)
    if (!technique || !goesWithPrivacy(technique)) continue
    const plan = planOf(technique, memoryBytes)
    if (plan.peakBytes >= bytes) continue
    together = technique.run
    bytes = plan.peakBytes
    advice.push(plan)
    if (plan.fits) break
  }
  return { advice, advisedBytes: bytes }
}
