/** A check: its sources, a pure verdict, and a remedy. Checks are entries of a table. */

import type { Capture } from '../capture/capture.ts'
import type { Cause } from '../explain/cause.ts'
import type { Fix } from './fix.ts'

export type CheckGroup = 'environment' | 'gpu' | 'service' | 'cluster' | 'server'

/** `unknown`: it could not be found out, which is never the same as well. `skipped`: it does not concern this machine. */
export type Severity = 'ok' | 'note' | 'warning' | 'error' | 'unknown' | 'skipped'

export interface Verdict {
  readonly severity: Severity
  /** The finding with its values: `8 threads on 2 cores that the cgroup allows`. Never a secret. */
  readonly says: string
  /** Set for every status but `ok` and `skipped`. */
  readonly fix?: Fix
  /** Supporting lines or values. */
  readonly evidence?: readonly string[]
}

export interface CheckContext {
  /** Time by the clock of the captured machine; captures may come from elsewhere. */
  readonly takenAt: number
  /** What is known about causes: those of `@hadal/causes`, or none. */
  readonly causes: readonly Cause[]
}

export interface Check {
  /** `gpu-driver-floor`: stable; used in docs and `--json`. */
  readonly id: string
  readonly group: CheckGroup
  /** `NVIDIA driver`. */
  readonly title: string
  /** Names of sources. */
  readonly reads: readonly string[]
  /** One verdict, or one for each thing that is judged: each GPU, each model. Never throws, whatever the texts are. */
  readonly verdict: (capture: Capture, context: CheckContext) => Verdict | readonly Verdict[]
  /** Where a figure or a rule comes from. */
  readonly source?: string
}
