/** Small tensors that are all freed except the last: malloc keeps the memory below it until trimmed. */

import { emptyCache, torch } from '@hadal/tensor'
import type { AttemptResult } from './attempt-job.ts'

const valuesEach = 4096

export function holdFree(tensors: number): Pick<AttemptResult, 'residentMiB'> {
  const residentMiB = (): number => process.memoryUsage.rss() / 2 ** 20
  const many = Array.from({ length: tensors }, () => torch.ones([valuesEach]))
  for (const tensor of many.slice(0, -1)) tensor.free()
  const before = residentMiB()
  emptyCache()
  const after = residentMiB()
  many.at(-1)!.free()
  return { residentMiB: [before, after] }
}
