/** The memory available to a run: the machine's, or the process's limit if lower. */

import { totalmem } from 'node:os'

/** `constrained` is Node's value for cgroups and other system limits; 0, or more than the machine has, means no limit. */
export const memoryHere = (
  total: number = totalmem(),
  constrained: number = process.constrainedMemory() ?? 0,
): number => (constrained > 0 ? Math.min(total, constrained) : total)
