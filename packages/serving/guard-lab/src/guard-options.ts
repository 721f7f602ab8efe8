/** Converts the setting `guard` to guard options; loads custom checks from the modules it names. */

import { resolve } from 'node:path'
import { messageOf } from '@hadal/base'
import { loadModule } from '@hadal/config'
import { actions, type GuardOptions, type PolicyAsWritten, roles, type Step } from '@hadal/guard'
import { guardCheckInvalid } from './errors.ts'

/** Paths are relative to `folder`. Throws `guard_check_invalid` for a module without checks. */
export async function guardOptions(
  setting: PolicyAsWritten,
  folder: string,
): Promise<Pick<GuardOptions, 'policy' | 'checks'>> {
  if (typeof setting === 'string') return { policy: setting, checks: [] }
  const { files = {}, checkModules = [] } = setting
  const loaded: Step[] = []
  for (const module of checkModules) loaded.push(...(await checksIn(module, folder)))
  const paths = Object.entries(files).map(([name, path]) => [name, resolve(folder, path)])
  return { policy: { ...setting, files: Object.fromEntries(paths) }, checks: loaded }
}

async function checksIn(module: string, folder: string): Promise<readonly Step[]> {
  const loaded = await loadModule(resolve(folder, module)).catch((cause: unknown) => {
    // For missing modules, the loader's message includes the require stack, which is cut off.
    const why = messageOf(cause).split('\nRequire stack:')[0]!
    throw guardCheckInvalid(module, why).with({ cause })
  })
  const given = Array.isArray(loaded) ? loaded : [loaded]
  return given.map((step: unknown, at) => {
    const { name, layer, check, action, roles: read = [] } = (step ?? {}) as Partial<Step>
    const issue = (why: string): never => {
      throw guardCheckInvalid(module, given.length === 1 ? why : `check ${at + 1}: ${why}`)
    }
    if (typeof name !== 'string' || name === '') issue('name must be a non-empty string')
    if (typeof layer !== 'string' || layer === '') issue('layer must be a non-empty string')
    if (typeof check !== 'function') issue('check must be a function')
    if (!(actions as readonly unknown[]).includes(action))
      issue(`action must be one of ${actions.join(', ')}, got ${JSON.stringify(action)}`)
    if (!Array.isArray(read) || !read.every((role) => roles.includes(role)))
      issue(`roles must be a list of ${roles.join(', ')}, got ${JSON.stringify(read)}`)
    return step as Step
  })
}
