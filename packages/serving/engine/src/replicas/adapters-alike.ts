/** Gives an engine the adapters, and their scales, that another one has. */

import type { AdapterInfo, Engine } from '../engine.ts'

/** Throws what loading and unloading throw. */
export async function adaptersAlike(engine: Engine, wanted: readonly AdapterInfo[]): Promise<void> {
  const lacks = (list: readonly AdapterInfo[], id: string): boolean => !list.some((each) => each.id === id)
  for (const { id } of engine.adapters) if (lacks(wanted, id)) await engine.unloadAdapter(id)
  for (const each of wanted) if (lacks(engine.adapters, each.id)) await engine.loadAdapter(each)
  if (wanted.length > 0) await engine.setAdapterScales(wanted.map(({ id, scale }) => ({ id, scale })))
}
