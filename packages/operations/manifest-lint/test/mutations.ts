/** Random errors of good manifests: a field that is dropped, renamed, or given another type. */

export type Step = string | number

export interface Mutation {
  readonly how: 'drop' | 'rename' | 'retype'
  readonly path: readonly Step[]
  readonly mutated: Record<string, unknown>
}

/** One error of the manifest; `draw(n)` gives a whole number below n. */
export function mutate(manifest: Record<string, unknown>, draw: (below: number) => number): Mutation {
  const mutated = structuredClone(manifest)
  const places = placesIn(mutated, [])
  const path = places[draw(places.length)]
  if (path === undefined) return { how: 'drop', path: [], mutated }
  const holder = path.slice(0, -1).reduce<unknown>((at, step) => (at as never)[step], mutated) as Record<
    Step,
    unknown
  >
  const last = path.at(-1)!
  const how = (['drop', 'rename', 'retype'] as const)[draw(3)]!
  const value = holder[last]
  if (how === 'drop') {
    if (Array.isArray(holder)) holder.splice(last as number, 1)
    else delete holder[last]
  } else if (how === 'rename' && !Array.isArray(holder)) {
    delete holder[last]
    holder[`${String(last)}x`] = value
  } else holder[last] = another(value, draw)
  return { how, path, mutated }
}

/** Paths below metadata, spec and so on: what an object is stays as it is. */
function placesIn(value: unknown, path: readonly Step[]): Step[][] {
  if (typeof value !== 'object' || value === null) return []
  const entries: [Step, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return entries
    .filter(([step]) => path.length > 0 || (step !== 'apiVersion' && step !== 'kind'))
    .flatMap(([step, one]) => [[...path, step], ...placesIn(one, [...path, step])])
}

function another(value: unknown, draw: (below: number) => number): unknown {
  const others: unknown[] = ['text', 7, true, 1.5, ['list'], { a: 'map' }, '7', -1, [{ name: 'x' }]]
  const kinds = others.filter((one) => kindOf(one) !== kindOf(value))
  return kinds[draw(kinds.length)]
}

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value
