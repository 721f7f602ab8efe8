/** Built-in tenants by name. Their rates fit the default costs. */

import type { TenantFields } from './tenant-file.ts'

export const tenantPresets: Readonly<Record<string, TenantFields>> = {
  /** Almost five times the machine's capacity, two thirds of the time. */
  flood: { traffic: 'bursts', rate: 8, burst: '20m', silence: '10m', limit: { requestsPerMinute: 60 } },
  trickle: { rate: 0.05 },
  steady: { rate: 0.3 },
  daily: { traffic: 'diurnal', rate: 0.5, swing: 0.9, period: '24h' },
  batch: { rate: 0.2, promptTokens: 'lognormal:384,0.6', priority: 5 },
}
