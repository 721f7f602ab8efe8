/** Settings of the start: preloading, memory and the standby process. */

import { flag, optional } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface StartSettings {
  /** Run a warm-up request before `GET /ready` succeeds. */
  readonly preload: boolean
  /** Lock the weights in memory. The service does not start if the system does not allow it. */
  readonly lockMemory: boolean
  /** Memory-map the model file so that processes share it, instead of reading it into private memory. */
  readonly mapMemory: boolean | undefined
  /** Keep a standby engine process that takes over on a crash. It doubles the memory for the KV cache. */
  readonly standby: boolean
  /** Allow CUDA graphs on NVIDIA GPUs. */
  readonly cudaGraph: boolean | undefined
}

export const startSettings: SettingsTable<StartSettings> = {
  preload: setting({
    kind: flag,
    default: true,
    doc: 'Run a warm-up request before `GET /ready` succeeds.',
    group: 'Start',
    unit: null,
    flag: '--preload <boolean>',
    env: 'HADAL_PRELOAD',
  }),
  lockMemory: setting({
    kind: flag,
    default: false,
    doc: 'Lock the weights in memory. The service does not start if the system does not allow it.',
    group: 'Start',
    unit: null,
    flag: '--lock-memory',
    env: 'HADAL_LOCK_MEMORY',
  }),
  mapMemory: setting({
    kind: optional(flag),
    default: undefined,
    defaultDoc: 'true if all devices support mapped files',
    doc: 'Memory-map the model file so that processes share it, instead of reading it into private memory.',
    group: 'Start',
    unit: null,
    flag: '--map-memory <boolean>',
    env: 'HADAL_MAP_MEMORY',
  }),
  standby: setting({
    kind: flag,
    default: false,
    doc: 'Keep a standby engine process that takes over on a crash. It doubles the memory for the KV cache.',
    group: 'Start',
    unit: null,
    flag: '--standby',
    env: 'HADAL_STANDBY',
  }),
  cudaGraph: setting({
    kind: optional(flag),
    default: undefined,
    defaultDoc: 'decided by the CUDA backend',
    doc: 'Allow CUDA graphs on NVIDIA GPUs.',
    group: 'Start',
    unit: null,
    flag: '--cuda-graph <boolean>',
    env: 'HADAL_CUDA_GRAPH',
  }),
}
