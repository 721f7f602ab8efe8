/** `hadal export`: a trained model as a file that others run, with a report that it is still the same model. */

import { resolve } from 'node:path'
import {
  adapterFolder,
  logitsOf,
  logitsOfExport,
  modelFolder,
  modelName,
  outPath,
  type ProofText,
  proofTexts,
  readVocabulary,
  reportProof,
  trainedFor,
  usualGgufType,
  weightsToWrite,
} from '@hadal/models'
import { checkVocabulary, loadCheckpoint, loadParameters } from '@hadal/nn'
import type { Terminal } from '@hadal/output'
import { dropParityReport, say, usage } from '@hadal/output'
import { scope } from '@hadal/tensor'
import {
  type AdapterFile,
  compareLogits,
  computeAsTrained,
  exportGguf,
  exportHuggingFace,
  fromHost,
  type GgufPrecision,
  isImageModelFolder,
  judgeParity,
  type ModelFile,
  mergedWeights,
  readPeft,
  type SafetensorsPrecision,
  type TrainedQuantization,
  toHost,
} from '@hadal/train'
import { attachAdapter, exportAdapter } from './export-adapter.ts'
import type { ExportFlags } from './export-flags.ts'
import { exportOnnx } from './export-onnx.ts'

type Target =
  | { readonly format: 'gguf'; readonly precision: GgufPrecision }
  | { readonly format: 'safetensors'; readonly precision: SafetensorsPrecision }

/** Throws `export_differs` if the parity check fails; the export and the report are kept. */
export async function exportModel(given: string, flags: ExportFlags, terminal: Terminal): Promise<number> {
  const { format } = flags
  if (format === 'onnx') return exportOnnx(given, flags, terminal)
  checkNoOnnxFlags(flags)
  if (flags.adapterOnly) return exportAdapter(given, { ...flags, format }, terminal)
  const folder = await modelFolder(resolve(terminal.folder, given))
  if (isImageModelFolder(folder))
    throw usage(say`${folder} is an image classifier: export it with --format onnx`, 'hadal export')
  const trained = trainedFor(folder)
  const target = targetOf(flags, format, usualGgufType(trained))
  const out = outPath(flags.out, [folder], terminal)
  const name = flags.name ?? modelName(folder)

  terminal.status(say`reading ${folder}`)
  const adapter =
    flags.adapter === undefined ? undefined : readPeft(adapterFolder(resolve(terminal.folder, flags.adapter)))
  const { file, proof, reference, isSame } = readModel(folder, adapter, trained, target.precision)
  terminal.status(say`writing ${out}`)
  await dropParityReport(out)
  if (target.format === 'gguf') exportGguf(out, name, file, target.precision)
  else exportHuggingFace(out, file, target.precision)
  terminal.status(say`comparing the logits`)
  const candidate = await logitsOfExport(target.format, out, proof)
  terminal.status('')

  const { vocab_size: vocabulary } = file.config
  const readBy = target.format === 'gguf' ? 'llama.cpp' : 'Hadal'
  const report = judgeParity(
    { ...target, model: name, readBy, vocabulary, ...(isSame && { isTrainedFor: true }) },
    compareLogits(
      proof.map((text, index) => ({
        name: text.name,
        reference: reference[index]!,
        candidate: candidate[index]!,
      })),
      vocabulary,
    ),
  )
  return reportProof(report, out, flags.json, terminal)
}

/** Frees the model's tensors. With an adapter, the reference applies it separately, and the file has it merged. */
function readModel(
  folder: string,
  adapter: AdapterFile | undefined,
  trained: TrainedQuantization | undefined,
  precision: GgufPrecision,
): {
  readonly file: ModelFile
  readonly proof: readonly ProofText[]
  readonly reference: readonly Float32Array[]
  readonly isSame: boolean
} {
  const vocabulary = readVocabulary(folder)
  return scope(() => {
    const { model } = loadCheckpoint(folder)
    const { config } = model
    checkVocabulary(vocabulary.tokenizer, config.vocab_size)
    const proof = proofTexts(vocabulary.tokenizer, config.max_position_embeddings)
    const base = toHost(model.parameters())
    const masters = adapter ? mergedWeights(base, adapter) : base
    const { weights, isSame } = weightsToWrite(config, masters, trained, precision)
    if (!trained) {
      if (adapter) attachAdapter(model, adapter)
    } else {
      if (adapter) loadParameters(model.parameters(), fromHost(masters))
      computeAsTrained(model, trained)
    }
    const reference = logitsOf(model, proof)
    return { file: { config, weights, ...vocabulary }, proof, reference, isSame }
  })
}

const ggufTypes: readonly GgufPrecision[] = ['F32', 'F16', 'BF16', 'Q8_0', 'Q4_K', 'Q4_0']
const safetensorsTypes: readonly SafetensorsPrecision[] = ['F32', 'F16', 'BF16']

function checkNoOnnxFlags(flags: ExportFlags): void {
  const of = {
    quantize: flags.quantize,
    'calibration-rows': flags.calibrationRows,
    observer: flags.observer,
    softmax: flags.softmax,
  }
  const said = Object.entries(of).find(([, value]) => value !== undefined)
  if (said) throw usage(say`--${said[0]} requires --format onnx`, 'hadal export')
}

function targetOf({ type }: ExportFlags, format: Target['format'], usualType: GgufPrecision): Target {
  const refuse = (types: readonly string[]): Error =>
    usage(say`--type ${type} is not supported by ${format}: ${types.join(', ')}`, 'hadal export')
  const among = <T extends string>(types: readonly T[], byDefault: T): T => {
    if (type === undefined) return byDefault
    const found = types.find((known) => known === type.toUpperCase())
    if (found === undefined) throw refuse(types)
    return found
  }
  return format === 'gguf'
    ? { format, precision: among(ggufTypes, usualType) }
    : { format, precision: among(safetensorsTypes, 'F32') }
}
