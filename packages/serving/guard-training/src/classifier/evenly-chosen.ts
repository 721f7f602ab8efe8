/** At most `most` of each group, evenly spaced, in input order. */
export function evenlyChosen<T>(list: readonly T[], groupOf: (item: T) => string, most: number): T[] {
  const sizes = new Map<string, number>()
  for (const item of list) sizes.set(groupOf(item), (sizes.get(groupOf(item)) ?? 0) + 1)
  const seen = new Map<string, number>()
  return list.filter((item) => {
    const group = groupOf(item)
    const at = seen.get(group) ?? 0
    seen.set(group, at + 1)
    const share = Math.min(1, most / sizes.get(group)!)
    return Math.floor((at + 1) * share) > Math.floor(at * share)
  })
}
