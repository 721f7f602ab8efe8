/** Selects the files of one model in a repository or folder. Pure. */

import { modelAmbiguous, modelQuantNotFound } from './errors.ts'

export interface ModelFiles<F> {
  /** Without shard number and `.gguf`: `Q4_K_M/big-Q4_K_M`. */
  readonly name: string
  /** `Q4_K_M`, if the name contains it. */
  readonly quant: string | undefined
  /** In shard order; a single one unless the model is split. */
  readonly files: readonly F[]
}

const shardPattern = /-(\d{5})-of-(\d{5})$/
const quantPattern = /(?:^|[-._/])((?:UD-)?(?:I?Q\d\w*|TQ\d_\d|BF16|F16|F32|FP16|FP32|MXFP4\w*))$/i
/** GGUF files that are not language models. */
const companionPattern = /(?:^|[-._/])(?:mmproj|imatrix)(?:[-._]|$)/i
/** Used if a reference names no quantization and the repository has this one. */
export const preferredQuant = 'Q4_K_M'

/** Groups `files` into models: shards are combined, incomplete models omitted. */
export function groupModels<F extends { readonly path: string }>(files: readonly F[]): ModelFiles<F>[] {
  const groups = new Map<string, { expected: number; files: Map<number, F> }>()
  for (const file of files) {
    if (!/\.gguf$/i.test(file.path)) continue
    const stem = file.path.slice(0, -'.gguf'.length)
    if (companionPattern.test(stem)) continue
    const shard = shardPattern.exec(stem)
    const key = shard === null ? stem : `${stem.slice(0, shard.index)}\0${shard[2]}`
    const group = groups.get(key) ?? { expected: shard === null ? 1 : Number(shard[2]), files: new Map() }
    group.files.set(shard === null ? 1 : Number(shard[1]), file)
    groups.set(key, group)
  }
  return [...groups]
    .filter(([, group]) => group.files.size === group.expected)
    .map(([key, group]) => {
      const name = key.split('\0', 1)[0]!
      const ordered = [...group.files].sort(([a], [b]) => a - b).map(([, file]) => file)
      return { name, quant: quantPattern.exec(name)?.[1]?.toUpperCase(), files: ordered }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

export interface Wanted {
  /** The reference, for messages. */
  readonly ref: string
  /** How a user would name one of the files. */
  readonly at: (path: string) => string
  readonly quant?: string | undefined
  /** The path of a file; any shard identifies its model. */
  readonly file?: string | undefined
}

/** Throws `model_quant_not_found` or `model_ambiguous`. */
export function selectModel<F extends { readonly path: string }>(
  files: readonly F[],
  wanted: Wanted,
): ModelFiles<F> {
  const models = groupModels(files)
  const names = models.map((model) => model.files[0]!.path)
  if (wanted.file !== undefined) {
    const found = models.find((model) => model.files.some((file) => file.path === wanted.file))
    if (found === undefined) throw modelQuantNotFound(wanted.ref, wanted.file, names)
    return found
  }
  const fitting = wanted.quant === undefined ? withoutQuant(models) : withQuant(models, wanted.quant)
  if (fitting.length === 1) return fitting[0]!
  if (fitting.length > 1)
    throw modelAmbiguous(
      wanted.ref,
      fitting.map((model) => wanted.at(model.files[0]!.path)),
    )
  const quants = [...new Set(models.map((model) => model.quant ?? model.files[0]!.path))]
  throw modelQuantNotFound(wanted.ref, wanted.quant ?? 'any quantization', quants)
}

/** Unsloth's `UD-` files are used only if there is no plain one. */
function withQuant<F>(models: readonly ModelFiles<F>[], quant: string): readonly ModelFiles<F>[] {
  const wanted = quant.toUpperCase()
  const exact = models.filter((model) => model.quant === wanted)
  return exact.length > 0 ? exact : models.filter((model) => model.quant === `UD-${wanted}`)
}

function withoutQuant<F>(models: readonly ModelFiles<F>[]): readonly ModelFiles<F>[] {
  if (models.length <= 1) return models
  const preferred = withQuant(models, preferredQuant)
  return preferred.length > 0 ? preferred : models
}
