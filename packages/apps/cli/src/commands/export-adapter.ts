/** `hadal export --adapter-only`: an adapter as a file of its own, with a report that beside its base it does what it did. */

import { existsSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readFileLogits } from '@hadal/engine'
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
import type { ExportFlags } from './export.ts'
import { adapterFolder, adapterName, modelFolder, outPath, readVocabulary } from './export-input.ts'
import { logitsOf, type ProofText, proofTexts } from './export-proof.ts'
import { reportProof } from './export-report.ts'

/** `given` is the base. Throws `export_differs` where the proof fails; the export and the report stay. */
export async function exportAdapter(
  given: string,
  flags: ExportFlags & { readonly format: 'gguf' | 'safetensors' },
  terminal: Terminal,
): Promise<number> {
  if (flags.adapter === undefined)
    throw usage(say`--adapter-only writes the adapter that --adapter names`, 'hadal export')
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
    terminal.note(say`the adapter names another base: ${own}, not ${folder}`)
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
  const readBy = say`${format === 'gguf' ? 'llama.cpp' : 'Hadal'} beside the base in F32`
  const report = judgeParity(
    { format, precision: precision ?? 'F32', model: name, readBy, vocabulary },
    compared(candidate),
    compared(alone).overall,
  )
  return reportProof(report, out, flags.json, terminal)
}

const precisions: readonly SafetensorsPrecision[] = ['F32', 'F16', 'BF16']

/** Undefined for GGUF is F32, and for safetensors what the adapter is kept in. */
function precisionOf(type: string | undefined): SafetensorsPrecision | undefined {
  if (type === undefined) return undefined
  const found = precisions.find((known) => known === type.toUpperCase())
  if (found === undefined)
    throw usage(say`--type ${type} is none of an adapter's: ${precisions.join(', ')}`, 'hadal export')
  return found
}

const inType = (adapter: AdapterFile, type: SafetensorsPrecision): AdapterFile => ({
  ...adapter,
  types: new Map([...adapter.weights.keys()].map((name) => [name, type])),
})

/** The base, and the logits that it gives alone and with the adapter beside it. Its tensors are freed again. */
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
    putBeside(model, adapter)
    return { file, proof, alone, beside: logitsOf(model, proof) }
  })
}

/**
 * From now on the model computes with the adapter, and with the modules that it keeps whole, but for a head of scores, which is none
 * of its own. Tensors belong to the caller's scope. Throws `nn_weights_mismatch` for an adapter of another model.
 */
export function putBeside(model: LanguageModel, { weights, adapter }: AdapterFile): void {
  const parts = [...weights]
  const whole = new Map(parts.filter(([name]) => !isLoraTensor(name) && !name.startsWith('score.')))
  const replaced = [...model.parameters()].filter(([name]) => whole.has(name))
  loadParameters(new Map(replaced), fromHost(whole))
  const beside = new LoraAdapters(model, { ...loraDefaults, ...adapter }, 'float32')
  loadParameters(beside.parameters(), fromHost(new Map(parts.filter(([name]) => isLoraTensor(name)))))
}

/** Beside a base of which nothing is rounded, so that what differs is the adapter's. */
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
