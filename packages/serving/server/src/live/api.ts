/** What the server needs from its host program for the live view: the SLO, and process and GPU readings. */

import type { LiveGpu, LiveState } from '@hadal/protocol'

export interface LiveApi {
  /** The current SLO; undefined if none is set. */
  slo(): LiveState['slo']
  /** Readings of the running ones of these processes, and of GPUs, which may be a few seconds old. Never throws. */
  readings(pids: readonly number[]): Promise<MachineReadings>
}

export interface MachineReadings {
  readonly processes: readonly ProcessReading[]
  readonly gpus: readonly LiveGpu[]
}

export interface ProcessReading {
  readonly pid: number
  /** CPU time of all threads since process start. */
  readonly cpuMillis: number
  readonly residentBytes: number
}
