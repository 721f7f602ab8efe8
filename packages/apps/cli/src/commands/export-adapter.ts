/** `hadal export --adapter-only`: exports an adapter separately, with a parity report on top of its base. */

import { existsSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readFileLogits } from '@hadal/engine'
import {
  adapterFolder,
  adapterName,
  logitsOf,
  modelFolder,
  outPath,
  type ProofText,
  proofTexts,
  readVocabulary,
  reportProof,
} from '@hadal/models'
import {
  checkVocabulary,
  isLoraTensor,
  type LanguageModel,
  LoraAdapters,
  loadCheckpoint,
  loadParameters,
  loraDefaults,
} from '@hadal/nn'
import type { Terminal } from '@hadal/output'
import { dropParityReport, say, usage } from '@hadal/output'
import { scope } from '@hadal/tensor'
import {
  type AdapterFile,
  compareLogits,
  exportGguf,
  exportGgufAdapter,
  exportPeft,
  fromHost,
  judgeParity,
  type ModelFile,
  readPeft,
  type SafetensorsPrecision,
  toHost,
} from '@hadal/train'
import type { ExportFlags } from './export-flags.ts'

/** `given` is the base. Throws `export_differs` if the parity check fails; the export and the report are kept. */
export async function exportAdapter(
  given: string,
  flags: ExportFlags & { readonly format: 'gguf' | 'safetensors' },
  terminal: Terminal,
): Promise<number> {
  if (flags.adapter === undefined) throw usage(say`--adapter-only requires --adapter`, 'hadal export')
  const { format } = flags
  const precision = precisionOf(flags.type)
  const folder = await modelFolder(resolve(terminal.folder, given))
  const source = adapterFolder(resolve(terminal.folder, flags.adapter))
  const out = outPath(flags.out, [source, folder], terminal)
  const name = flags.name ?? adapterName(source)

  terminal.status(say`reading ${folder} and ${source}`)
  const adapter = readPeft(source)
  const own = resolve(terminal.folder, adapter.baseModel)
  if (adapter.baseModel !== '' && existsSync(join(own, 'config.json')) && own !== folder)
    terminal.note(say`the adapter is for another base model: ${own}, not ${folder}`)
  const { file, proof, alone, beside } = readBoth(folder, adapter)
  terminal.status(say`writing ${out}`)
  await dropParityReport(out)
  if (format === 'gguf') exportGgufAdapter(out, name, file.config, adapter, precision)
  else exportPeft(out, precision ? inType(adapter, precision) : adapter)
  terminal.status(say`comparing the logits`)
  const candidate =
    format === 'gguf' ? await logitsInLlama(out, file, proof) : readBoth(folder, readPeft(out)).beside
  terminal.status('')

  const { vocab_size: vocabulary } = file.config
  const compared = (found: readonly Float32Array[]): ReturnType<typeof compareLogits> =>
    compareLogits(
      proof.map((text, index) => ({
        name: text.name,
        reference: beside[index]!,
        candidate: found[index]!,
      })),
      vocabulary,
    )
  const readBy = say`${format === 'gguf' ? 'llama.cpp' : 'Hadal'} with the F32 base`
  const report = judgeParity(
    { format, precision: precision ?? 'F32', model: name, readBy, vocabulary },
    compared(candidate),
    compared(alone).overall,
  )
  return reportProof(report, out, flags.json, terminal)
}

const precisions: readonly SafetensorsPrecision[] = ['F32', 'F16', 'BF16']

/** Undefined means F32 for GGUF, and the adapter's stored precision for safetensors. */
function precisionOf(type: string | undefined): SafetensorsPrecision | undefined {
  if (type === undefined) return undefined
  const found = precisions.find((known) => known === type.toUpperCase())
  if (found === undefined)
    throw usage(say`--type ${type} is not supported for adapters: ${precisions.join(', ')}`, 'hadal export')
  return found
}

const inType = (adapter: AdapterFile, type: SafetensorsPrecision): AdapterFile => ({
  ...adapter,
  types: new Map([...adapter.weights.keys()].map((name) => [name, type])),
})

/** The base, and logits without and with the adapter. Frees its tensors. */
function readBoth(
  folder: string,
  adapter: AdapterFile,
): {
  readonly file: ModelFile
  readonly proof: readonly ProofText[]
  readonly alone: readonly Float32Array[]
  readonly beside: readonly Float32Array[]
} {
  const vocabulary = readVocabulary(folder)
  return scope(() => {
    const { model } = loadCheckpoint(folder)
    const { config } = model
    checkVocabulary(vocabulary.tokenizer, config.vocab_size)
    const proof = proofTexts(vocabulary.tokenizer, config.max_position_embeddings)
    const file = { config, weights: toHost(model.parameters()), ...vocabulary }
    const alone = logitsOf(model, proof)
    attachAdapter(model, adapter)
    return { file, proof, alone, beside: logitsOf(model, proof) }
  })
}

/**
 * Enables the adapter in the model, including modules it replaces entirely but not a score head, which is not part of it. Tensors belong to
 * the caller's scope. Throws `nn_weights_mismatch` for an adapter of another model.
 */
export function attachAdapter(model: LanguageModel, { weights, adapter }: AdapterFile): void {
  const parts = [...weights]
  const whole = new Map(parts.filter(([name]) => !isLoraTensor(name) && !name.startsWith('score.')))
  const replaced = [...model.parameters()].filter(([name]) => whole.has(name))
  loadParameters(new Map(replaced), fromHost(whole))
  const beside = new LoraAdapters(model, { ...loraDefaults, ...adapter }, 'float32')
  loadParameters(beside.parameters(), fromHost(new Map(parts.filter(([name]) => isLoraTensor(name)))))
}

/** Uses an unquantized base, so that differences are the adapter's. */
async function logitsInLlama(
  adapter: string,
  base: ModelFile,
  proof: readonly ProofText[],
): Promise<readonly Float32Array[]> {
  const path = `${adapter}.base.partial`
  try {
    exportGguf(path, 'base', base, 'F32')
    return await readFileLogits(
      path,
      proof.map(({ tokens }) => tokens),
      { adapter },
    )
  } finally {
    rmSync(path, { force: true })
  }
}
