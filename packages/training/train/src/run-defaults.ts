/** A run's defaults. The default objective depends on the kind of model. */

import { adamWDefaults } from '@hadal/nn'
import type { RunConfig } from './run-config.ts'

export type Defaulted = 'seed' | 'precision' | 'optimizer' | 'clipNorm' | 'expertBalanceRate' | 'checkpoint'

export const runDefaults: Pick<RunConfig, Defaulted> = {
  seed: 1,
  precision: 'fp32',
  optimizer: adamWDefaults,
  clipNorm: 1,
  expertBalanceRate: 1e-3,
  checkpoint: { everySteps: 100, keep: 3 },
}
