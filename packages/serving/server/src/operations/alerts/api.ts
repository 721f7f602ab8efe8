/** Interface to the alerting rules. */

import type { AlertsAnswer, RunbookAnswer } from '@hadal/protocol'

export interface AlertsApi {
  /** An unreachable Prometheus is reported in the result. Throws config errors. */
  look(): Promise<AlertsAnswer>
  /** Undefined for an unknown alert. */
  runbook(alert: string): Promise<RunbookAnswer | undefined>
}
