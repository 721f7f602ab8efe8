/** Chooses the models to unload so that another fits. Pure; sizes in bytes, times on any clock. */

/** A model that is loaded, or being loaded. */
export interface Resident {
  readonly bytes: number
  readonly pinned: boolean
  /** Active requests; loading counts as one. */
  readonly uses: number
  readonly lastUsedAt: number
}

export interface Room {
  /** Total budget; undefined: unlimited. */
  readonly budgetBytes?: number | undefined
  /** Maximum loaded models; undefined: unlimited. */
  readonly maxModels?: number | undefined
}

export type RoomPlan<Each extends Resident> =
  /** It fits. */
  | { readonly kind: 'fits' }
  /** It fits after unloading these idle models. */
  | { readonly kind: 'unload'; readonly gone: readonly Each[] }
  /** It fits after unloading these, some of which are in use. */
  | { readonly kind: 'wait'; readonly gone: readonly Each[] }
  /** It does not fit even if all but the pinned models are unloaded. */
  | { readonly kind: 'never'; readonly freeBytes: number }

/**
 * Idle models are evicted before busy ones, each group in LRU order, and no more than necessary. Chosen models that turn out to be
 * unnecessary are kept.
 */
export function planRoom<Each extends Resident>(
  need: number,
  residents: readonly Each[],
  room: Room,
): RoomPlan<Each> {
  const { budgetBytes = Number.POSITIVE_INFINITY, maxModels = Number.POSITIVE_INFINITY } = room
  const fits = (gone: ReadonlySet<Each>): boolean => {
    const kept = residents.filter((each) => !gone.has(each))
    return kept.length + 1 <= maxModels && bytesOf(kept) + need <= budgetBytes
  }
  const candidates = residents
    .filter(({ pinned }) => !pinned)
    .sort((a, b) => Number(a.uses > 0) - Number(b.uses > 0) || a.lastUsedAt - b.lastUsedAt)
  const gone = new Set<Each>()
  for (const candidate of candidates) {
    if (fits(gone)) break
    gone.add(candidate)
  }
  if (!fits(gone)) {
    const pinned = residents.filter((each) => each.pinned)
    return { kind: 'never', freeBytes: Math.max(0, budgetBytes - bytesOf(pinned)) }
  }
  // Most recently used first, so that it is kept if possible.
  for (const candidate of [...gone].reverse()) {
    gone.delete(candidate)
    if (!fits(gone)) gone.add(candidate)
  }
  if (gone.size === 0) return { kind: 'fits' }
  const isBusy = [...gone].some(({ uses }) => uses > 0)
  return { kind: isBusy ? 'wait' : 'unload', gone: [...gone] }
}

const bytesOf = (residents: readonly Resident[]): number =>
  residents.reduce((sum, { bytes }) => sum + bytes, 0)
