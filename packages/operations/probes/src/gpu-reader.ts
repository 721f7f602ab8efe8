/** Reads GPUs with nvidia-smi: cached for a few seconds, never concurrently, and only once if it is missing. */

import { execFile } from 'node:child_process'
import type { LiveGpu } from '@hadal/protocol'

const fields = 'index,name,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw'
const freshMillis = 2_000
const maxMillis = 5_000
const maxBytes = 64 * 1024

export interface GpuReader {
  /** The last reported values; empty before the first response. */
  now(): readonly LiveGpu[]
}

/** `program` is nvidia-smi or a substitute. */
export function openGpuReader(program = 'nvidia-smi'): GpuReader {
  let gpus: readonly LiveGpu[] = []
  let requestedAt = Number.NEGATIVE_INFINITY
  let isAsking = false
  let isAbsent = false

  const ask = (): void => {
    isAsking = true
    requestedAt = performance.now()
    execFile(
      program,
      [`--query-gpu=${fields}`, '--format=csv,noheader,nounits'],
      { timeout: maxMillis, maxBuffer: maxBytes, windowsHide: true },
      (error, stdout) => {
        isAsking = false
        isAbsent = error?.code === 'ENOENT' || error?.code === 'EACCES'
        gpus = error === null ? gpusOf(stdout) : []
      },
    )
  }

  return {
    now() {
      if (!isAbsent && !isAsking && performance.now() - requestedAt >= freshMillis) ask()
      return gpus
    },
  }
}

/** One line each; a value that a GPU does not report is `[N/A]` or `[Not Supported]`. */
export function gpusOf(text: string): LiveGpu[] {
  return text.split('\n').flatMap((line) => {
    const [index, name, utilization, used, total, celsius, watts] = line.split(',').map((part) => part.trim())
    if (index === undefined || name === undefined || !/^\d+$/.test(index)) return []
    return [
      {
        index: Number(index),
        name,
        ...known('utilization', utilization, 1 / 100),
        ...known('memoryUsedBytes', used, 1024 ** 2),
        ...known('memoryTotalBytes', total, 1024 ** 2),
        ...known('celsius', celsius, 1),
        ...known('watts', watts, 1),
      },
    ]
  })
}

function known<Key extends keyof LiveGpu>(
  key: Key,
  text: string | undefined,
  unit: number,
): Partial<Record<Key, number>> {
  if (text === undefined || !/^\d+(?:\.\d+)?$/.test(text)) return {}
  return { [key]: Number(text) * unit } as Partial<Record<Key, number>>
}
