/** Default step costs: measured on one machine; `hadal tune` replaces them with this machine's. */

import type { CostCoefficients } from '@hadal/batching'

/** Rounded measurements of a 135M-parameter Llama in Q8_0 on two AVX-512 cores; not fitted. */
export const usualCosts: CostCoefficients = {
  step: { perStep: 4.5, perDecodeToken: 3, perPrefillToken: 1.1, perAttendedToken: 0.0012 },
  restorePerToken: 0.01,
}
