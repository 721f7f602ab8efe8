/** The bundled claims, or those of a custom file. */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { messageOf, type ProgramEntry } from '@hadal/base'
import { claims } from '@hadal/prove/claims'
import type { Claim } from '../claim.ts'
import { claimsFileInvalid } from '../errors.ts'
import { claimProgram, ownClaimModule } from '../run/claim-job.ts'

export interface LoadedClaims {
  readonly claims: readonly Claim[]
  /** URL of the module of a claim, for the process that measures it. */
  readonly moduleOf: (id: string) => string
  readonly program: ProgramEntry
}

/** Throws `claims_file_invalid`. */
export async function loadClaims(file: string | undefined, folder: string): Promise<LoadedClaims> {
  if (file === undefined) return { claims, moduleOf: ownClaimModule, program: claimProgram }
  const path = resolve(folder, file)
  if (!existsSync(path)) throw claimsFileInvalid(file, 'there is no such file')
  const module = pathToFileURL(path).href
  const { path: program, execArgv } = claimProgram
  // A file of claims may be TypeScript also where the command was built.
  const loader = execArgv.length > 0 ? execArgv : ['--import', import.meta.resolve('tsx')]
  return {
    claims: claimsIn(file, await load(file, module, execArgv.length > 0)),
    moduleOf: () => module,
    program: { path: program, execArgv: loader },
  }
}

async function load(file: string, module: string, hasLoader: boolean): Promise<unknown> {
  try {
    if (hasLoader) return await import(module)
    const { tsImport } = await import('tsx/esm/api')
    return await tsImport(module, import.meta.url)
  } catch (cause) {
    throw claimsFileInvalid(file, messageOf(cause)).with({ cause })
  }
}

function claimsIn(file: string, module: unknown): readonly Claim[] {
  const found = (module as { readonly claims?: unknown }).claims
  if (!Array.isArray(found) || found.length === 0)
    throw claimsFileInvalid(file, 'it exports no list `claims` with something in it')
  const ids = new Set<string>()
  for (const [index, claim] of (found as readonly Partial<Claim>[]).entries()) {
    const name = claim.id ?? `the claim at ${index}`
    if (typeof claim.id !== 'string' || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(claim.id))
      throw claimsFileInvalid(file, `${name} has no id in kebab-case`)
    if (ids.has(claim.id)) throw claimsFileInvalid(file, `there are two claims ${claim.id}`)
    ids.add(claim.id)
    if (typeof claim.measure !== 'function' || typeof claim.judge !== 'function')
      throw claimsFileInvalid(file, `${name} lacks measure or judge`)
  }
  return found
}
