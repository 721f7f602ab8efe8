/** The memory there is for a run: the machine's, or less where the process is held to less. */

import { totalmem } from 'node:os'

/** Of cgroups or other limits of the system, `constrained` is what Node says: 0, or more than the machine has, is none. */
export const memoryHere = (
  total: number = totalmem(),
  constrained: number = process.constrainedMemory() ?? 0,
): number => (constrained > 0 ? Math.min(total, constrained) : total)
