/**
 * Other packages that stop prompt attacks within a process, each at the threshold it comes with. Installed elsewhere, by npm.
 * @presidio-dev/hai-guardrails is not among them: its 1.12.0 ends the process, for it starts a worker by a path of the machine it was built on.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export interface Peer {
  /** With version and mode. */
  readonly name: string
  stops(text: string): Promise<boolean> | boolean
}

/** @param folder where `npm install @andersmyrmel/vard llm_guardrail` ran */
export async function loadPeers(folder: string): Promise<Peer[]> {
  const vard = await load<{
    default: Record<'strict' | 'moderate', () => { safeParse(text: string): { safe: boolean } }>
  }>(folder, '@andersmyrmel/vard')
  const guardrail = await load<{
    checkInjection(text: string): Promise<{ detected: boolean }>
    checkAll(text: string): Promise<{ allowed: boolean }>
  }>(folder, 'llm_guardrail')
  const vards = (['moderate', 'strict'] as const).map((preset): Peer => {
    const parse = vard.exports.default[preset]()
    return { name: `vard ${vard.version}, ${preset}`, stops: (text) => !parse.safeParse(text).safe }
  })
  return [
    ...vards,
    {
      name: `llm_guardrail ${guardrail.version}, injection`,
      stops: async (text) => (await guardrail.exports.checkInjection(text)).detected,
    },
    {
      name: `llm_guardrail ${guardrail.version}, all models`,
      stops: async (text) => !(await guardrail.exports.checkAll(text)).allowed,
    },
  ]
}

async function load<T>(folder: string, name: string): Promise<{ exports: T; version: string }> {
  const home = join(folder, 'node_modules', name)
  const { version, main, module } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
  return { exports: await import(pathToFileURL(join(home, module ?? main)).href), version }
}
