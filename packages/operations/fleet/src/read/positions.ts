/** Positions of values in a YAML document. */

import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type LineCounter, type Node } from 'yaml'

/** @internal */
export type Path = readonly (string | number)[]

/** Line of the deepest thing on the path that is there, from 1. */
export function lineIn(document: Document, counter: LineCounter, path: Path): number {
  let node: unknown = document.contents
  let line = lineAt(node, counter) ?? 1
  for (const step of path) {
    const next = child(document, node, step)
    if (next === undefined) return line
    line = lineAt(next.key ?? next.value, counter) ?? line
    node = next.value
  }
  return line
}

function lineAt(node: unknown, counter: LineCounter): number | undefined {
  const start = (node as Node | undefined)?.range?.[0]
  return start === undefined ? undefined : counter.linePos(start).line
}

function child(
  document: Document,
  node: unknown,
  step: string | number,
): { key: unknown; value: unknown } | undefined {
  const at = isAlias(node) ? node.resolve(document) : node
  if (isSeq(at)) {
    const item = typeof step === 'number' ? at.items[step] : undefined
    return item === undefined ? undefined : { key: undefined, value: item }
  }
  if (!isMap(at)) return undefined
  let merged: { key: unknown; value: unknown } | undefined
  for (const pair of at.items) {
    if (!isPair(pair)) continue
    const key = keyText(pair.key)
    // The last of two equal keys is the one that counts.
    if (key === String(step)) merged = { key: pair.key, value: pair.value }
    else if (key === '<<' && merged === undefined) merged = child(document, pair.value, step)
  }
  return merged
}

/** A key as JSON has it; `<<` of a merge. */
export function keyText(key: unknown): string {
  const value = isScalar(key) ? key.value : key
  return typeof value === 'symbol' ? '<<' : String(value)
}
