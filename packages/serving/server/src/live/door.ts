/** What a server cannot know of itself and its program can: what was promised, and what the system says of processes and GPUs. */

import type { LiveGpu, LiveState } from '@hadal/protocol'

export interface LiveDoor {
  /** As it is promised now; undefined where nothing is. */
  slo(): LiveState['slo']
  /** Of these processes, those that are there; and the GPUs, which may be some seconds old. Never throws. */
  readings(pids: readonly number[]): Promise<MachineReadings>
}

export interface MachineReadings {
  readonly processes: readonly ProcessReading[]
  readonly gpus: readonly LiveGpu[]
}

export interface ProcessReading {
  readonly pid: number
  /** Since it began, of all its threads. */
  readonly cpuMillis: number
  readonly residentBytes: number
}
