/** Modules of a model as ranges of a profile, under the names that checkpoints have for them. */

import { type Module, namedModules } from '@hadal/nn'
import { recordRange } from '@hadal/tensor'

type Forward = (...given: unknown[]) => unknown

/** Makes `forward` of every module below `root` a profiler range, until the returned function is called. Results are unchanged. */
export function nameModules(root: Module): () => void {
  const undo: (() => void)[] = []
  const seen = new Set<Module>()
  for (const [name, module] of namedModules(root)) {
    const each = module as Module & { forward?: Forward }
    const { forward } = each
    // A module with two names has the first.
    if (typeof forward !== 'function' || seen.has(module)) continue
    seen.add(module)
    const own = Object.getOwnPropertyDescriptor(module, 'forward')
    const range = `module:${name}`
    each.forward = (...given) => recordRange(range, () => forward.apply(module, given))
    undo.push(() => {
      if (own) Object.defineProperty(module, 'forward', own)
      else delete each.forward
    })
  }
  return () => {
    for (const step of undo) step()
  }
}
