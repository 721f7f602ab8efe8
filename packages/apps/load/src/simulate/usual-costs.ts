/** What steps cost where nothing was measured: figures of one machine, which `hadal tune` replaces by those of this one. */

import type { CostCoefficients } from '@hadal/batching'

/** Rounded from what a 135M-parameter Llama in Q8_0 took on two cores with AVX-512; not fitted. */
export const usualCosts: CostCoefficients = {
  step: { perStep: 4.5, perDecodeToken: 3, perPrefillToken: 1.1, perAttendedToken: 0.0012 },
  restorePerToken: 0.01,
}
