import type { Cause } from '@hadal/doctor'
import { createCauses } from './create-causes.ts'
import { causeFiles, sharedData } from './data.ts'

/**
 * Every cause of the catalogue, for `explain` and `runChecks`.
 *
 * @example
 * ```ts
 * import { causes } from '@hadal/causes'
 *
 * causes.find(({ id }) => id === 'cuda_out_of_memory')?.family // → 'cuda'
 * ```
 */
export const causes: readonly Cause[] = createCauses(causeFiles, sharedData)
