/** `hadal export`: a trained model as a file that others run, with a report that it is still the same model. */

import { resolve } from 'node:path'
import { checkVocabulary, LoraAdapters, loadCheckpoint, loadParameters, loraDefaults } from '@hadal/nn'
import { scope } from '@hadal/tensor'
import {
  type AdapterFile,
  compareLogits,
  exportGguf,
  exportHuggingFace,
  fromHost,
  type GgufPrecision,
  judgeParity,
  type ModelFile,
  mergedWeights,
  type ParityReport,
  readPeft,
  type SafetensorsPrecision,
  toHost,
} from '@hadal/train'
import { exportDiffers, usage } from '../errors.ts'
import { exitCodes } from '../report-error.ts'
import { formatTable } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { modelFolder, modelName, readVocabulary } from './export-input.ts'
import { logitsOf, logitsOfExport, type ProofText, proofTexts, writeParityReport } from './export-proof.ts'

export interface ExportFlags {
  readonly format: 'gguf' | 'safetensors'
  readonly type?: string
  readonly out: string
  /** A folder in the layout of PEFT, taken into the weights. */
  readonly adapter?: string
  readonly name?: string
  readonly json?: boolean
}

type Target =
  | { readonly format: 'gguf'; readonly precision: GgufPrecision }
  | { readonly format: 'safetensors'; readonly precision: SafetensorsPrecision }

/** Throws `export_differs` where the proof fails; the export and the report stay. */
export async function exportModel(given: string, flags: ExportFlags, terminal: Terminal): Promise<number> {
  const target = targetOf(flags)
  const folder = modelFolder(resolve(terminal.folder, given))
  const out = resolve(terminal.folder, flags.out)
  if (out === folder) throw usage('--out is the folder that is exported', 'hadal export')
  const name = flags.name ?? modelName(folder)

  terminal.status(`reading ${folder}`)
  const adapter = flags.adapter === undefined ? undefined : readPeft(resolve(terminal.folder, flags.adapter))
  const { file, proof, reference } = readModel(folder, adapter)
  terminal.status(`writing ${out}`)
  if (target.format === 'gguf') exportGguf(out, name, file, target.precision)
  else exportHuggingFace(out, file, target.precision)
  terminal.status('comparing the logits')
  const candidate = await logitsOfExport(target.format, out, proof)
  terminal.status('')

  const { vocab_size: vocabulary } = file.config
  const readBy = target.format === 'gguf' ? 'llama.cpp' : 'Hadal'
  const report = judgeParity(
    { ...target, model: name, readBy, vocabulary },
    compareLogits(
      proof.map((text, index) => ({
        name: text.name,
        reference: reference[index]!,
        candidate: candidate[index]!,
      })),
      vocabulary,
    ),
  )
  const page = await writeParityReport(out, report)
  if (flags.json) terminal.print(JSON.stringify({ path: out, ...report }, null, 2))
  else show(report, out, page, terminal)
  if (report.verdict === 'fail') throw exportDiffers(out, report.faults, page)
  return exitCodes.success
}

/** The model's tensors are freed again. With an adapter, the reference has it beside the weights, and the file within them. */
function readModel(
  folder: string,
  adapter: AdapterFile | undefined,
): {
  readonly file: ModelFile
  readonly proof: readonly ProofText[]
  readonly reference: readonly Float32Array[]
} {
  const vocabulary = readVocabulary(folder)
  return scope(() => {
    const { model } = loadCheckpoint(folder)
    const { config } = model
    checkVocabulary(vocabulary.tokenizer, config.vocab_size)
    const proof = proofTexts(vocabulary.tokenizer, config.max_position_embeddings)
    const base = toHost(model.parameters())
    if (adapter) {
      const beside = new LoraAdapters(model, { ...loraDefaults, ...adapter.adapter }, 'float32')
      loadParameters(beside.parameters(), fromHost(adapter.weights))
    }
    const reference = logitsOf(model, proof)
    const weights = adapter ? mergedWeights(base, adapter) : base
    return { file: { config, weights, ...vocabulary }, proof, reference }
  })
}

const ggufTypes: readonly GgufPrecision[] = ['F32', 'F16', 'BF16', 'Q8_0', 'Q4_K', 'Q4_0']
const safetensorsTypes: readonly SafetensorsPrecision[] = ['F32', 'F16', 'BF16']

function targetOf({ format, type }: ExportFlags): Target {
  const refuse = (types: readonly string[]): Error =>
    usage(`--type ${type} is none of ${format}: ${types.join(', ')}`, 'hadal export')
  const among = <T extends string>(types: readonly T[], byDefault: T): T => {
    if (type === undefined) return byDefault
    const found = types.find((known) => known === type.toUpperCase())
    if (found === undefined) throw refuse(types)
    return found
  }
  return format === 'gguf'
    ? { format, precision: among(ggufTypes, 'Q8_0') }
    : { format, precision: among(safetensorsTypes, 'F32') }
}

function show(report: ParityReport, out: string, page: string, { print, style }: Terminal): void {
  const { bold, dim, green, red } = style
  const number = (value: number): string => (value === 0 ? '0' : value.toPrecision(3))
  const rows = [...report.prompts, { name: 'all', ...report.overall }].map((found) => [
    found.name,
    String(found.tokens),
    number(found.maxDifference),
    number(found.meanDivergence),
    number(found.maxDivergence),
    `${(100 * found.agreement).toFixed(1)} %`,
  ])
  const heads = ['text', 'tokens', 'logits differ by', 'mean divergence', 'largest', 'same next token']
  print(formatTable([heads.map(dim), ...rows], ['left', 'right', 'right', 'right', 'right', 'right']))
  const verdict =
    report.verdict === 'pass'
      ? green(`the same model, as far as ${report.precision} goes`)
      : red('another model')
  print(`\n${bold(out)}, read by ${report.readBy}: ${verdict}\n${dim(page)}`)
}
