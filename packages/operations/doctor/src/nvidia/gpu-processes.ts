/** Which processes compute on which GPU: `nvidia-smi --query-compute-apps=gpu_uuid,pid,used_gpu_memory --format=csv`. */

import { numberOf, parseSmiTable } from './smi-table.ts'

export interface GpuProcess {
  readonly gpuUuid: string
  readonly pid: number
  /** Absent where the driver does not say (Windows, MIG, containers). */
  readonly memoryMib: number | undefined
}

/** Names are not queried: they may contain whole command lines. */
export const processQuery: readonly string[] = [
  'nvidia-smi',
  '--query-compute-apps=gpu_uuid,pid,used_gpu_memory',
  '--format=csv',
]

/** Undefined if the text is no such table: the processes are then unknown. */
export function parseGpuProcesses(text: string): readonly GpuProcess[] | undefined {
  if (!/\bgpu_uuid\b/i.test(text.slice(0, 10_000))) return undefined
  const { rows, unreadable } = parseSmiTable(text, 'gpu_uuid')
  if (unreadable.length > 0) return undefined
  const processes: GpuProcess[] = []
  for (const row of rows) {
    const uuid = row.get('gpu_uuid')
    const pid = numberOf(row.get('pid'))
    if (uuid?.state !== 'value' || pid === undefined || !Number.isInteger(pid) || pid < 0) return undefined
    processes.push({ gpuUuid: uuid.text, pid, memoryMib: numberOf(row.get('used_gpu_memory')) })
  }
  return processes
}
