/** `hadal export --format onnx`: an image model as ONNX, in fp32 or in eight bits, with a report that it is still the same model. */

import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { encodeOnnx, writeOnnx } from '@hadal/formats'
import {
  logitsInOnnxRuntime,
  logitsOfImages,
  modelFolder,
  modelName,
  outPath,
  proofSamples,
  reportImageProof,
  sayUnproven,
} from '@hadal/models'
import type { Terminal } from '@hadal/output'
import { dropParityReport, say, usage, wholeNumberFlag } from '@hadal/output'
import { noGrad, scope } from '@hadal/tensor'
import {
  type ImageModelFile,
  type ImagePrecision,
  imageOnnx,
  isImageModelFolder,
  judgeImageParity,
  onnxUnsupported,
  openImageModelFile,
  orUnwritable,
  readImageModel,
} from '@hadal/train'
import type { ExportFlags } from './export-flags.ts'

const command = 'hadal export'

/** Throws `train_onnx_unsupported` for other models, and `export_differs` if the parity check fails; the export and the report are kept. */
export async function exportOnnx(given: string, flags: ExportFlags, terminal: Terminal): Promise<number> {
  if (flags.type !== undefined)
    throw usage(say`--type is for gguf and safetensors; use --quantize int8 for onnx`, command)
  if (flags.adapter !== undefined || flags.adapterOnly)
    throw usage(say`--adapter is for language models; ONNX export is for image models`, command)
  const { observer, calibrationRows } = flags
  if (!flags.quantize && (observer !== undefined || calibrationRows !== undefined))
    throw usage(say`--observer and --calibration-rows require --quantize int8`, command)
  const rows = wholeNumberFlag(calibrationRows ?? '512', '--calibration-rows', command)
  const folder = await modelFolder(resolve(terminal.folder, given))
  if (!isImageModelFolder(folder))
    throw onnxUnsupported(
      folder,
      say`it is not an image classifier`,
      say`Write a language model as GGUF (--format gguf) or safetensors.`,
    )
  const out = outPath(flags.out, [folder], terminal)
  const name = flags.name ?? modelName(folder)

  terminal.status(say`reading ${folder}`)
  const file = readImageModel(folder)
  noteIdleFlags(file, flags, rows, terminal)
  terminal.status(say`writing ${out}`)
  await dropParityReport(out)
  const { precision, bytes, proof, notes } = write(out, name, file, flags, rows)
  for (const note of notes) terminal.note(note)
  terminal.status(say`comparing the logits`)
  const exported = await logitsInOnnxRuntime(out, proof.samples, file.config.classes)
  terminal.status('')
  if (exported === undefined) return sayUnproven(out, bytes, flags.json, terminal)
  const { labels } = proof
  const report = judgeImageParity({
    precision,
    model: name,
    readBy: exported.readBy,
    classes: file.config.classes,
    samples: proof.of,
    exported: exported.logits,
    reference: proof.reference,
    fp32: proof.fp32,
    ...(labels && { labels }),
    bytes: bytes.written,
    fp32Bytes: bytes.fp32,
  })
  return reportImageProof(report, out, flags.json, terminal)
}

/** Warns about flags without effect on this model. */
function noteIdleFlags(
  { quantization, calibration }: ImageModelFile,
  { observer, calibrationRows }: ExportFlags,
  rows: number,
  { note }: Terminal,
): void {
  const kept = calibration?.labels.length ?? 0
  if (quantization) {
    const learnt = say`is ignored: the model learnt its ranges in training`
    if (observer !== undefined) note(`--observer ${observer} ${learnt}`)
    if (calibrationRows !== undefined) note(`--calibration-rows ${calibrationRows} ${learnt}`)
  } else if (calibrationRows !== undefined && kept > 0 && kept < rows)
    note(
      say`--calibration-rows ${rows}: the folder has ${kept}; save more with saveImageRun(run, { calibrationRows: ${rows} })`,
    )
}

interface Written {
  readonly precision: ImagePrecision
  readonly bytes: { readonly written: number; readonly fp32: number }
  readonly proof: ReturnType<typeof proofSamples> & {
    readonly reference: Float32Array
    readonly fp32: Float32Array
  }
  /** Parameters kept in fp32, and the reasons. */
  readonly notes: readonly string[]
}

/** The model's tensors are freed again. */
function write(out: string, name: string, file: ImageModelFile, flags: ExportFlags, rows: number): Written {
  return noGrad(() =>
    scope(() => {
      const { normalization, classNames } = file
      const facts = { ...(normalization && { normalization }), ...(classNames && { classNames }) }
      const softmax = flags.softmax ?? false
      const options = { name, softmax, facts }
      const { observer } = flags
      const quantize = flags.quantize && { calibrationRows: rows, ...(observer && { observer }) }
      const { model, quantization, batches } = openImageModelFile(file, quantize)
      const proof = proofSamples(file, batches)
      const reference = logitsOfImages(model, proof.samples, softmax)
      const parameters = quantization?.parameters() ?? []
      quantization?.detach()
      const fp32 = logitsOfImages(model, proof.samples, softmax)
      orUnwritable(out, () => mkdirSync(dirname(out), { recursive: true }))
      const plain = imageOnnx(model, options)
      // If all layers are skipped, nothing is quantized.
      const isRounded = parameters.length > 0
      const written = writeOnnx(
        out,
        isRounded ? imageOnnx(model, { ...options, quantization: parameters }) : plain,
      )
      return {
        precision: isRounded ? 'INT8' : 'FP32',
        bytes: { written, fp32: isRounded ? encodeOnnx(plain).length : written },
        proof: { ...proof, reference, fp32 },
        notes: quantization?.notes ?? [],
      }
    }),
  )
}
