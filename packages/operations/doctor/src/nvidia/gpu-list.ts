/**
 * What `nvidia-smi -L` prints: `GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5b...)`, and below it the instances of a GPU that is divided:
 * `  MIG 1g.5gb     Device  0: (UUID: MIG-c6d4...)`.
 */

import { linesOf } from './smi-table.ts'

export interface ListedGpu {
  readonly index: number
  readonly name: string
  readonly uuid: string | undefined
  /** Profiles of its instances: `1g.5gb`. */
  readonly instances: readonly string[]
}

export function parseGpuList(text: string): readonly ListedGpu[] {
  const gpus: { index: number; name: string; uuid: string | undefined; instances: string[] }[] = []
  for (const line of linesOf(text)) {
    const gpu = /^GPU (\d{1,4}): ([^(]{1,200}?)\s*(?:\(UUID: ([\w-]{1,80})\))?$/i.exec(line)
    if (gpu !== null) gpus.push({ index: Number(gpu[1]), name: gpu[2]!, uuid: gpu[3], instances: [] })
    const instance = /^\s+MIG (\S{1,40})\s+Device\s+\d{1,4}:/i.exec(line)
    if (instance !== null) gpus.at(-1)?.instances.push(instance[1]!)
  }
  return gpus
}
