/** Makes an engine's adapters and scales equal to another's. */

import type { AdapterInfo, Engine } from '../engine.ts'

/** Throws the errors of loading and unloading. */
export async function adaptersAlike(engine: Engine, wanted: readonly AdapterInfo[]): Promise<void> {
  const lacks = (list: readonly AdapterInfo[], id: string): boolean => !list.some((each) => each.id === id)
  for (const { id } of engine.adapters) if (lacks(wanted, id)) await engine.unloadAdapter(id)
  for (const each of wanted) if (lacks(engine.adapters, each.id)) await engine.loadAdapter(each)
  if (wanted.length > 0) await engine.setAdapterScales(wanted.map(({ id, scale }) => ({ id, scale })))
}
