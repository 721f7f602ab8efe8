/**
 * Scaler state in an annotation of the Lease: it outlives this process and passes to the next leader, and one write both saves it
 * and proves that we lead. The data of `hadal scale status` is stored alongside.
 */

import { isPlainObject } from '@hadal/base'
import type { ScalingState } from '@hadal/fleet'
import type { ScalerMemory } from '../scaler.ts'
import type { ModelStatus } from '../scaler-status.ts'

export const memoryAnnotation = 'hadal.dev/scaling'

export interface KeptScaling {
  readonly states: Readonly<Record<string, ScalingState>>
  readonly models: readonly ModelStatus[]
}

/** Shown of each model. */
const maxDecisions = 10
/** Kubernetes limits all annotations of an object to 256 KiB. */
const maxCharacters = 100_000

export interface LeaseMemory {
  of(model: string): ScalerMemory
  /** The state and the decisions that an earlier leader left. */
  load(annotations: Readonly<Record<string, string>>): readonly ModelStatus[]
  /** The annotations to write now. */
  annotations(): Readonly<Record<string, string>>
}

export interface LeaseMemoryOptions {
  status(): readonly ModelStatus[]
  /** Writes the annotations, or rejects where we do not lead any more. */
  renew(signal: AbortSignal): Promise<void>
}

export function leaseMemory({ status, renew }: LeaseMemoryOptions): LeaseMemory {
  const states = new Map<string, ScalingState>()
  return {
    of: (model) => ({
      read: () => states.get(model) ?? {},
      async write(state, signal) {
        const before = states.get(model) ?? {}
        states.set(model, state)
        // The next renewal, in seconds, writes state without scaling.
        if (!isChange(before, state)) return
        try {
          await renew(signal)
        } catch (thrown) {
          states.set(model, before)
          throw thrown
        }
      },
    }),
    load(annotations) {
      const kept = readKept(annotations[memoryAnnotation])
      states.clear()
      for (const [model, state] of Object.entries(kept.states)) states.set(model, state)
      return kept.models
    },
    annotations() {
      const text = (models: readonly ModelStatus[]): string =>
        JSON.stringify({ version: 1, states: Object.fromEntries(states), models })
      const shown = status().map((model) => ({ ...model, decisions: model.decisions.slice(-maxDecisions) }))
      const whole = text(shown)
      // Beyond the limit, drops the shown data, not the state.
      return { [memoryAnnotation]: whole.length <= maxCharacters ? whole : text([]) }
    },
  }
}

const isChange = (before: ScalingState, after: ScalingState): boolean =>
  before.lastUpAt !== after.lastUpAt || before.lastDownAt !== after.lastDownAt

/** Text of other clients or other versions is ignored. */
export function readKept(text: string | undefined): KeptScaling {
  const given = parsed(text)
  const states = Object.entries(isPlainObject(given.states) ? given.states : {}).map(([model, state]) => {
    // All of a state are numbers.
    const kept = Object.entries(isPlainObject(state) ? state : {}).filter(([, value]) =>
      Number.isFinite(value),
    )
    return [model, Object.fromEntries(kept) as ScalingState] as const
  })
  const models = Array.isArray(given.models) ? given.models.filter(isModelStatus) : []
  return { states: Object.fromEntries(states), models }
}

function parsed(text: string | undefined): Record<string, unknown> {
  try {
    const given: unknown = JSON.parse(text ?? '')
    return isPlainObject(given) && given.version === 1 ? given : {}
  } catch {
    return {}
  }
}

export function isModelStatus(value: unknown): value is ModelStatus {
  if (!isPlainObject(value)) return false
  const { model, target, decisions, minReplicas, maxReplicas } = value
  return (
    typeof model === 'string' &&
    typeof target === 'string' &&
    typeof minReplicas === 'number' &&
    typeof maxReplicas === 'number' &&
    Array.isArray(decisions) &&
    decisions.every(
      (each) =>
        isPlainObject(each) &&
        typeof each.at === 'number' &&
        typeof each.from === 'number' &&
        typeof each.to === 'number' &&
        typeof each.text === 'string' &&
        Array.isArray(each.signals),
    )
  )
}
