/** Who is unloaded for a model that is to be loaded. Pure; sizes in bytes, times on any clock. */

/** A model that is loaded, or being loaded. */
export interface Resident {
  readonly bytes: number
  readonly pinned: boolean
  /** Requests that use it now, and loading itself. */
  readonly uses: number
  readonly lastUsedAt: number
}

export interface Room {
  /** Of all models together; undefined: as much as there is. */
  readonly budgetBytes?: number | undefined
  /** Models that may be loaded at the same time; undefined: any number. */
  readonly maxModels?: number | undefined
}

export type RoomPlan<Each extends Resident> =
  /** It fits. */
  | { readonly kind: 'fits' }
  /** It fits once these, which nobody uses, are gone. */
  | { readonly kind: 'unload'; readonly gone: readonly Each[] }
  /** It fits once these are gone, some of which are in use. */
  | { readonly kind: 'wait'; readonly gone: readonly Each[] }
  /** Not even alone beside the pinned ones. */
  | { readonly kind: 'never'; readonly freeBytes: number }

/**
 * Idle models go before busy ones, each kind by when it was last used, the longest ago first; no more than must. Of those chosen,
 * any that the others make needless stays.
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
  // The most recently used first, so that it stays where it can.
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
