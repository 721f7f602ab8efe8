/** Errors of the metrics that a run serves. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const metricsUnbound: ErrorMaker<[host: string, port: number, why: string]> = defineError({
  code: 'train_metrics_unbound',
  status: 503,
  when: 'The run cannot listen on `--metrics-host` and `--metrics-port`. Nothing was trained.',
  message: (host, port, why) => `cannot serve metrics on ${host}, port ${port}: ${why}`,
  help: 'Another run or program may use the port: choose another --metrics-port, or 0 for any free port.',
})
