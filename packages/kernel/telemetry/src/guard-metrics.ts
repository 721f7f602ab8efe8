/** Metrics of the guard's verdicts. */

import type { Registered } from './prometheus.ts'

/** The counted parts of a guard verdict on one text. */
export interface GuardSample {
  readonly action: string
  readonly role: string
  readonly findings: readonly { readonly layer: string; readonly action: string }[]
  readonly timings: readonly { readonly layer: string; readonly micros: number }[]
  /** Failure reasons by check. */
  readonly failed: Readonly<Record<string, unknown>>
}

export class GuardMetrics {
  readonly #registered: Registered
  #locked: (() => number) | undefined

  constructor(registered: Registered) {
    this.#registered = registered
    // Absent if no guard can lock keys out.
    registered.guardLockedKeys.remove()
    registered.guardWithheldTokens.inc(0)
  }

  verdict({ action, role, findings, timings, failed }: GuardSample): void {
    const { guardVerdicts, guardFindings, guardTime, guardFailures } = this.#registered
    guardVerdicts.inc({ action, role })
    for (const finding of findings) guardFindings.inc({ layer: finding.layer, action: finding.action })
    for (const [layer, micros] of byLayer(timings)) guardTime.observe({ layer }, micros / 1e6)
    for (const check of Object.keys(failed)) guardFailures.inc({ check })
  }

  withheld(tokens: number): void {
    this.#registered.guardWithheldTokens.inc(tokens)
  }

  watch(locked: () => number): Disposable {
    this.#locked = locked
    return {
      [Symbol.dispose]: () => {
        if (this.#locked !== locked) return
        this.#locked = undefined
        this.#registered.guardLockedKeys.remove()
      },
    }
  }

  /** Called at each scrape. */
  read(): void {
    if (this.#locked !== undefined) this.#registered.guardLockedKeys.set(this.#locked())
  }
}

function byLayer(timings: GuardSample['timings']): ReadonlyMap<string, number> {
  const layers = new Map<string, number>()
  for (const { layer, micros } of timings) layers.set(layer, (layers.get(layer) ?? 0) + micros)
  return layers
}
