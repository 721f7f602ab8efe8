/** Serves a run's metrics from a separate thread, started here and given each new text. */

import { once } from 'node:events'
import { startThread } from '@hadal/base'
import { metricsUnbound } from './errors.ts'
import type { Bound, MetricsPlace, MetricsText } from './metrics-thread.ts'

export interface MetricsServer {
  readonly url: string
  publish(metrics: MetricsText): void
  close(): Promise<void>
}

/** Throws `train_metrics_unbound`. */
export async function openMetricsServer({ host, port }: MetricsPlace): Promise<MetricsServer> {
  const thread = startThread(import.meta.url, './metrics-thread', {
    workerData: { host, port },
    execArgv: [],
  })
  const [bound] = (await once(thread, 'message')) as [Bound]
  if ('refused' in bound) throw metricsUnbound(host, port, bound.refused)
  // A later failure of the server never stops the training.
  thread.on('error', (error) =>
    process.emitWarning(`metrics are served no more: ${error.message}`, { type: 'MetricsWarning' }),
  )
  thread.unref()
  const name = host.includes(':') ? `[${host}]` : host
  return {
    url: `http://${name}:${bound.port}/metrics`,
    publish: (metrics) => thread.postMessage(metrics),
    close: async () => void (await thread.terminate()),
  }
}
