import { type CodePoints, codePoints, everyCodePoint } from './code-points.ts'

const properties = new Map<string, CodePoints>()

/** Code points with a Unicode property, from the JavaScript engine; undefined if it is unknown. */
export function propertySet(name: string): CodePoints | undefined {
  const seen = properties.get(name)
  if (seen !== undefined) return seen
  let members: RegExp
  try {
    members = new RegExp(`\\p${name}`, 'u')
  } catch {
    return undefined
  }
  const ranges: [number, number][] = []
  for (const [from, to] of everyCodePoint) {
    for (let c = from; c <= to; c++) {
      if (!members.test(String.fromCodePoint(c))) continue
      const last = ranges.at(-1)
      if (last?.[1] === c - 1) last[1] = c
      else ranges.push([c, c])
    }
  }
  const set = codePoints(...ranges)
  properties.set(name, set)
  return set
}
