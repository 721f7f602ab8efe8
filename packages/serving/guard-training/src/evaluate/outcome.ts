/** Results of every step for one labelled text, including those after a blocking one. */

import type { Action, Check, LabelledText, Layer, Screened, Step, View } from '@hadal/guard'

export interface StepOutcome {
  readonly check: string
  readonly layer: Layer
  readonly action: Action
  /** It has findings. */
  readonly acts: boolean
  readonly suspicion?: number
  readonly abstained?: string
  /** The error it threw. */
  readonly failed?: string
  readonly micros: number
}

export interface Outcome {
  readonly row: LabelledText
  readonly viewMicros: number
  readonly steps: readonly StepOutcome[]
}

/** Steps to run; undefined: all. */
export type Only = (step: StepOutcome) => boolean

/**
 * Whether a blocking step triggers; flags and redactions do not count.
 *
 * @example
 * ```ts
 * import { createGuard, ownTexts, viewsOf } from '@hadal/guard'
 * import { evaluateAsIs, isStopped } from '@hadal/guard-training'
 *
 * const guard = createGuard()
 * const [outcome] = await evaluateAsIs((await ownTexts()).slice(0, 1), (row) => guard.stepsFor(row.role), { viewsOf })
 * isStopped(outcome!) // by any check
 * isStopped(outcome!, ({ layer }) => layer === 'rules') // by rules alone
 * ```
 */
export function isStopped({ steps }: Outcome, only: Only = () => true): boolean {
  return steps.some((step) => step.acts && stops(step) && only(step))
}

/**
 * The highest suspicion of the blocking steps; 1 if one without a score triggers.
 *
 * @internal
 */
export function scoreOf({ steps }: Outcome, only: Only = () => true): number {
  const scores = steps
    .filter((step) => stops(step) && only(step))
    .map(({ suspicion, acts }) => suspicion ?? (acts ? 1 : 0))
  return Math.max(0, ...scores)
}

/**
 * Whether it can block a text.
 *
 * @internal
 */
export const stops = ({ action }: Pick<Step, 'action'>): boolean => action === 'block' || action === 'reply'

/**
 * @param viewsOf the original first; `(text) => [original]` shows what the other views bring
 *
 * @internal
 */
export async function askAll(
  row: LabelledText,
  steps: readonly Step[],
  viewsOf: (text: string) => readonly View[],
): Promise<Outcome> {
  const { text, role, language } = row
  const began = performance.now()
  const views = viewsOf(text)
  const viewMicros = (performance.now() - began) * 1000
  const requested: Screened = { text, views, role, language }
  const outcomes: StepOutcome[] = []
  for (const { name, layer, action, check, roles } of steps)
    if (roles === undefined || roles.includes(role))
      outcomes.push({ check: name, layer, action, ...(await ask(check, requested)) })
  return { row, viewMicros, steps: outcomes }
}

async function ask(
  check: Check,
  requested: Screened,
): Promise<Pick<StepOutcome, 'acts' | 'suspicion' | 'abstained' | 'failed' | 'micros'>> {
  const began = performance.now()
  const micros = (): number => (performance.now() - began) * 1000
  try {
    const { findings, suspicion, abstained } = await check(requested)
    return {
      acts: findings.length > 0,
      ...(suspicion !== undefined && { suspicion }),
      ...(abstained !== undefined && { abstained }),
      micros: micros(),
    }
  } catch (error) {
    return { acts: false, failed: error instanceof Error ? error.message : String(error), micros: micros() }
  }
}
