/** `hadal simulate --tenants`: compares how policies share a service among clients. */

import { formatMillis } from '@hadal/base'
import {
  type CostCoefficients,
  compareTenants,
  type SimulatedService,
  simulatedCosts,
  tenantsAlone,
} from '@hadal/batching'
import { fairnessTable, readTenants, type TenantFlags, tenantTable, timeOf } from '@hadal/load'
import type { Terminal } from '@hadal/output'
import { exitCodes, say } from '@hadal/output'

export interface SimulateTenantsFlags extends TenantFlags {
  readonly json?: boolean
}

export async function simulateTenantsCommand(
  flags: SimulateTenantsFlags,
  service: Partial<SimulatedService>,
  costs: CostCoefficients,
  terminal: Terminal,
  command: string,
): Promise<number> {
  const time = timeOf(flags, command)
  const tenants = await readTenants(flags, terminal.folder)
  const began = performance.now()
  const policies = compareTenants(tenants, time, service, simulatedCosts(costs))
  const alone = tenantsAlone(tenants, time, service, simulatedCosts(costs))
  const tookMillis = performance.now() - began
  if (flags.json) {
    const { millis, seed } = time
    terminal.print(
      JSON.stringify({ tenants, hours: millis / 3_600_000, seed, costs, policies, alone }, null, 2),
    )
    return exitCodes.success
  }
  const { style } = terminal
  terminal.print(tenantTable(policies, alone, style))
  terminal.print('')
  terminal.print(fairnessTable(policies, style))
  const took = formatMillis(tookMillis)
  terminal.print(
    style.dim(
      say`${formatMillis(time.millis)} simulated ${policies.length} times, and each tenant alone, in ${took}; seed ${time.seed}`,
    ),
  )
  return exitCodes.success
}
