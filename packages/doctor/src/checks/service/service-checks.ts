/** Checks of a service that is to be started here: the table, and what it reads. */

import type { Source } from '../../capture/capture.ts'
import type { Check } from '../check.ts'

export const serviceChecks: readonly Check[] = []
export const serviceSources: readonly Source[] = []
