/** The door to the rules that watch a service. */

import type { AlertsAnswer, RunbookAnswer } from '@hadal/protocol'

export interface AlertsDoor {
  /** A Prometheus that does not answer is part of the answer. Throws what a config that cannot be read throws. */
  look(): Promise<AlertsAnswer>
  /** Undefined where no alert is called so. */
  runbook(alert: string): Promise<RunbookAnswer | undefined>
}
