/** Gradient norms layer by layer: where a run begins to diverge. */

/** By layer (`layers.3`) and, outside the layers, by module (`embed_tokens`, `norm`, `lm_head`, `score`). */
export type LayerNorms = ReadonlyMap<string, number>

/** From the norm of each parameter, in the order of `names`. */
export function layerNorms(names: Iterable<string>, norms: readonly number[]): LayerNorms {
  const squares = new Map<string, number>()
  let index = 0
  for (const name of names) {
    const layer = layerOf(name)
    squares.set(layer, (squares.get(layer) ?? 0) + norms[index]! ** 2)
    index += 1
  }
  return new Map([...squares].map(([layer, sum]) => [layer, Math.sqrt(sum)]))
}

const layerOf = (name: string): string =>
  /(?:^|\.)(layers\.\d+)\./.exec(name)?.[1] ?? name.replace(/^model\./, '').replace(/\.(weight|bias)$/, '')
