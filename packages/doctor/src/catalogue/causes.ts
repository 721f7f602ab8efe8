/** The whole catalogue: the tables of all families. */

import type { Cause } from './cause.ts'
import { cudaCauses } from './cuda/cuda-causes.ts'
import { cudaLibraryCauses } from './cuda/cuda-library-causes.ts'
import { xidCauses } from './xid/xid-causes.ts'

export const causes: readonly Cause[] = [...cudaCauses, ...cudaLibraryCauses, ...xidCauses]
