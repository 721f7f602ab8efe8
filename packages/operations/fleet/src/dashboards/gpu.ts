/** GPUs as the DCGM exporter sees them. Under MIG only the profiling metrics work. */

import type { Deployment } from '../deployment/deployment.ts'
import { namespaceLabel } from '../rules/rule-view.ts'
import type { BoardSpec, PanelSpec } from './board-spec.ts'
import { selector } from './queries.ts'
import type { Scope } from './scope.ts'

/** Fields that a GPU does not have are read as about 9.22e18. */
const known = (series: string): string => `(${series} < 1e18)`

export function gpuBoard({ namespace, scaling, monitor, engines }: Deployment, scope: Scope): BoardSpec {
  // Outside a cluster GPUs belong to no pod.
  const pod = scope.isCluster ? monitor.gpuPodLabel : ''
  const names = engines.map(({ name }) => name).join('|')
  const ofPods = pod === '' ? '' : `${namespaceLabel(pod)}="${namespace}", ${pod}=~"(${names})-.*"`
  const each = (metric: string): string => known(selector(metric, ofPods))
  const legend = pod === '' ? 'GPU {{gpu}}' : `{{${pod}}} GPU {{gpu}}`
  const lines = (
    title: string,
    description: string,
    unit: string,
    expr: string,
    more: Partial<PanelSpec> = {},
  ): PanelSpec => ({ title, description, form: 'lines', unit, min: 0, queries: [{ expr, legend }], ...more })
  const used = each('DCGM_FI_DEV_FB_USED')
  const free = each('DCGM_FI_DEV_FB_FREE')
  return {
    name: 'gpu',
    title: `${scope.title}: GPUs`,
    description: 'GPUs of the engines, as reported by the DCGM exporter.',
    variables: [],
    rows: [
      {
        title: 'Utilization',
        panels: [
          lines(
            'Utilisation',
            `Share of time in which any kernel ran. Busy above ${scaling.gpuHighPercent} %, idle below ${scaling.gpuLowPercent} %. A busy GPU may still be underused: see tensor cores.`,
            'percent',
            each('DCGM_FI_DEV_GPU_UTIL'),
            { max: 100, limit: { at: scaling.gpuHighPercent, bad: 'above' } },
          ),
          lines(
            'Engine active',
            'Share of time with work on the graphics or compute engine. Also available under MIG.',
            'percentunit',
            each('DCGM_FI_PROF_GR_ENGINE_ACTIVE'),
            { max: 1 },
          ),
          lines(
            'Tensor cores active',
            'Share of cycles. High in prefill, low in decode.',
            'percentunit',
            each('DCGM_FI_PROF_PIPE_TENSOR_ACTIVE'),
            { max: 1 },
          ),
          lines(
            'Memory bandwidth',
            'Share of cycles in which memory moved data. Decode is memory-bound.',
            'percentunit',
            each('DCGM_FI_PROF_DRAM_ACTIVE'),
            { max: 1 },
          ),
          lines(
            'Memory in use',
            'Used memory as a share of used plus free memory.',
            'percentunit',
            `${used} / (${used} + ${free})`,
            {
              max: 1,
              limit: { at: 0.98, bad: 'above' },
            },
          ),
        ],
      },
      {
        title: 'Health',
        panels: [
          lines(
            'Temperature',
            'GPUs start to throttle somewhere above 80 degrees.',
            'celsius',
            each('DCGM_FI_DEV_GPU_TEMP'),
          ),
          lines('Power', 'Power draw of each GPU.', 'watt', each('DCGM_FI_DEV_POWER_USAGE')),
          lines(
            'Last Xid',
            'The last error reported by the driver; it stays until the driver is reloaded. 79: fell off the bus. 48, 63, 94: memory.',
            'short',
            each('DCGM_FI_DEV_XID_ERRORS'),
          ),
          lines(
            'Row remapping failed',
            'Not 0: the GPU must be replaced.',
            'short',
            each('DCGM_FI_DEV_ROW_REMAP_FAILURE'),
            { limit: { at: 1, bad: 'above' } },
          ),
        ],
      },
    ],
  }
}
