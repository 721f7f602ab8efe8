/** The order in which lanes are drawn. Pure. */

/**
 * Display order of `names`: those with steps first, then the given order, but lanes that differ only by a number (`slot 0`, `slot
 * 1`) are grouped and sorted by it.
 */
export function laneOrder(names: readonly string[], hasSteps: (name: string) => boolean): number[] {
  const groups = new Map<string, number>()
  const keys = names.map((name) => {
    const [, stem, number] = /^(.*?)(\d*)$/.exec(name)!
    const group = groups.get(stem!) ?? groups.size
    groups.set(stem!, group)
    return { steps: hasSteps(name) ? 0 : 1, group, number: number === '' ? -1 : Number(number) }
  })
  return names
    .map((_, at) => at)
    .sort((a, b) => {
      const [one, other] = [keys[a]!, keys[b]!]
      return one.steps - other.steps || one.group - other.group || one.number - other.number || a - b
    })
}
