/** Tenants from the command line: presets or a file. */

import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { messageOf, nearest } from '@hadal/base'
import type { Tenant, TenantTime } from '@hadal/batching'
import { say, usage } from '@hadal/output'
import { parseLengthDistribution } from '../load/length-distribution.ts'
import { tenantsInvalid } from './tenant-errors.ts'
import { type TenantDefaults, tenantsOf } from './tenant-file.ts'
import { tenantPresets } from './tenant-presets.ts'
import { whole } from './traffic-flags.ts'

export interface TenantFlags {
  readonly tenants: string
  readonly hours: string
  readonly promptTokens: string
  readonly outputTokens: string
  readonly trafficSeed: string
}

const builtIn = Object.keys(tenantPresets)

/** `flood,trickle`, or a file that ends in .json. Throws `tenants_invalid`. */
export async function readTenants(flags: TenantFlags, folder: string): Promise<Tenant[]> {
  const defaults = {
    promptTokens: parseLengthDistribution(flags.promptTokens),
    outputTokens: parseLengthDistribution(flags.outputTokens),
  }
  return flags.tenants.endsWith('.json')
    ? fromFile(resolve(folder, flags.tenants), defaults)
    : byName(flags.tenants, defaults)
}

export function timeOf({ hours, trafficSeed }: TenantFlags, command: string): TenantTime {
  const count = hours.trim() === '' ? Number.NaN : Number(hours)
  if (!(count > 0 && Number.isFinite(count)))
    throw usage(say`--hours: ${JSON.stringify(hours)} is not a positive number`, command)
  return { millis: count * 3_600_000, seed: whole(trafficSeed, '--traffic-seed', 0, command) }
}

async function fromFile(path: string, defaults: TenantDefaults): Promise<Tenant[]> {
  let list: unknown
  try {
    list = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw tenantsInvalid(path, [messageOf(cause)], builtIn).with({ cause })
  }
  return checked(path, list, defaults)
}

function byName(text: string, defaults: TenantDefaults): Tenant[] {
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.filter((name) => !Object.hasOwn(tenantPresets, name))
  if (unknown.length > 0) throw tenantsInvalid('--tenants', unknown.map(noSuchTenant), builtIn)
  return checked(
    '--tenants',
    names.map((name) => ({ ...tenantPresets[name], name })),
    defaults,
  )
}

function noSuchTenant(name: string): string {
  const guess = nearest(name, builtIn)
  return say`unknown tenant ${JSON.stringify(name)}${guess === undefined ? '' : say`; did you mean ${guess}?`}`
}

function checked(where: string, list: unknown, defaults: TenantDefaults): Tenant[] {
  const issues: string[] = []
  const tenants = tenantsOf(list, defaults, issues)
  if (issues.length > 0) throw tenantsInvalid(where, issues, builtIn)
  return tenants
}
