/** Settings of the start: preloading, memory and the standby process. */

import { flag, optional } from '../kinds.ts'
import { type SettingsTable, setting } from '../setting.ts'

export interface StartSettings {
  /** Compute a short request before `GET /ready` says yes, so that the first one finds everything at hand. */
  readonly preload: boolean
  /** Keep the weights in memory, never paged out. Where the system does not allow it, the service does not start. */
  readonly lockMemory: boolean
  /** Map the model’s file, so that processes share it, instead of reading it into memory of their own. */
  readonly mapMemory: boolean | undefined
  /** Keep a second engine process loaded that takes over when the first one dies. It has keys and values of its own: twice the memory for them. */
  readonly standby: boolean
  /** Whether an NVIDIA GPU may run recorded graphs of its kernels. */
  readonly cudaGraph: boolean | undefined
}

export const startSettings: SettingsTable<StartSettings> = {
  preload: setting({
    kind: flag,
    default: true,
    doc: 'Compute a short request before `GET /ready` says yes, so that the first one finds everything at hand.',
    group: 'Start',
    unit: null,
    flag: '--preload <boolean>',
    env: 'HADAL_PRELOAD',
  }),
  lockMemory: setting({
    kind: flag,
    default: false,
    doc: 'Keep the weights in memory, never paged out. Where the system does not allow it, the service does not start.',
    group: 'Start',
    unit: null,
    flag: '--lock-memory',
    env: 'HADAL_LOCK_MEMORY',
  }),
  mapMemory: setting({
    kind: optional(flag),
    default: undefined,
    defaultDoc: 'true where every device can use a mapped file',
    doc: 'Map the model’s file, so that processes share it, instead of reading it into memory of their own.',
    group: 'Start',
    unit: null,
    flag: '--map-memory <boolean>',
    env: 'HADAL_MAP_MEMORY',
  }),
  standby: setting({
    kind: flag,
    default: false,
    doc: 'Keep a second engine process loaded that takes over when the first one dies. It has keys and values of its own: twice the memory for them.',
    group: 'Start',
    unit: null,
    flag: '--standby',
    env: 'HADAL_STANDBY',
  }),
  cudaGraph: setting({
    kind: optional(flag),
    default: undefined,
    defaultDoc: 'as the CUDA backend decides',
    doc: 'Whether an NVIDIA GPU may run recorded graphs of its kernels.',
    group: 'Start',
    unit: null,
    flag: '--cuda-graph <boolean>',
    env: 'HADAL_CUDA_GRAPH',
  }),
}
