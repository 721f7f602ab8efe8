/** Checks of this machine as Node and the engines find it: the table, and what it reads. */

import type { Source } from '../../capture/capture.ts'
import type { Check } from '../check.ts'

export const environmentChecks: readonly Check[] = []
export const environmentSources: readonly Source[] = []
