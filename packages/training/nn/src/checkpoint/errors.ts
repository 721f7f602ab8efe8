/** Errors of a checkpoint folder. Each names the file or tensor and both sides of a contradiction. */

import { defineError, type ErrorMaker, type HadalError } from '@hadal/base'

const show = (shape: readonly number[]): string => `[${shape.join(', ')}]`

export const checkpointFileMissing: ErrorMaker<[path: string, wanted: string]> = defineError({
  code: 'nn_checkpoint_file_missing',
  status: 400,
  when: 'A checkpoint file is missing: config.json, the weights, or one of their shards.',
  message: (path, wanted) => `${path} is missing: ${wanted}`,
  help: 'Copy or download the complete folder. Weights must be safetensors: convert older .bin files first.',
})

export const checkpointJsonInvalid: ErrorMaker<[path: string, reason: string]> = defineError({
  code: 'nn_checkpoint_json_invalid',
  status: 400,
  when: 'The config.json or the index of a checkpoint is invalid.',
  message: (path, reason) => `${path}: ${reason}`,
  help: 'Copy or download the file again and compare it with the source.',
})

export const architectureUnknown: ErrorMaker<[found: string, known: readonly string[]]> = defineError({
  code: 'nn_architecture_unknown',
  status: 400,
  when: 'A checkpoint has an architecture that Hadal does not implement.',
  message: (found, known) => `unknown architecture ${found}; supported are ${known.join(', ')}`,
  help: 'Choose a checkpoint whose config.json names a supported architecture in architectures and model_type.',
})

export const checkpointTensorMissing: ErrorMaker<[name: string, shape: readonly number[], where: string]> =
  defineError({
    code: 'nn_checkpoint_tensor_missing',
    status: 400,
    when: 'A checkpoint lacks a tensor that its config.json requires.',
    message: (name, shape, where) => `${name} of shape ${show(shape)} is missing from ${where}`,
    help: (name) =>
      name === 'lm_head.weight'
        ? 'If the head shares its weight with the embedding, set "tie_word_embeddings": true in config.json.'
        : 'Check that the weights and config.json are from the same model.',
    docsHelp:
      'Check that the weights and config.json are from the same model. If lm_head.weight is missing because it is tied to the embedding, set "tie_word_embeddings": true in config.json.',
  })

export const checkpointShapeMismatch: ErrorMaker<
  [name: string, stored: readonly number[], wanted: readonly number[]]
> = defineError({
  code: 'nn_checkpoint_shape_mismatch',
  status: 400,
  when: 'A checkpoint tensor has a different shape than its config.json requires.',
  message: (name, stored, wanted) => `${name} has shape ${show(stored)}; the model expects ${show(wanted)}`,
  help: 'Use the config.json that was saved with these weights. Quantized weights cannot be loaded.',
})

export const checkpointDtypeUnsupported: ErrorMaker<[name: string, stored: string]> = defineError({
  code: 'nn_checkpoint_dtype_unsupported',
  status: 400,
  when: 'A checkpoint tensor has an unsupported dtype.',
  message: (name, stored) => `${name} is stored as ${stored}; supported are F32, F16 and BF16`,
  help: 'Use the unquantized checkpoint, or convert this one to BF16 first.',
})

export const checkpointValueTooLarge: ErrorMaker<[name: string, stored: string]> = defineError({
  code: 'nn_checkpoint_value_too_large',
  status: 400,
  when: 'A checkpoint tensor contains values outside the float16 range.',
  message: (name, stored) => `${name}, stored as ${stored}, contains values that are not finite in float16`,
  help: 'Load it as bfloat16 or float32.',
})

const maxShown = 20

/** @internal */
export const checkpointInvalid: ErrorMaker<[folder: string, issues: readonly HadalError[]]> = defineError({
  code: 'nn_checkpoint_invalid',
  status: 400,
  when: 'A checkpoint has errors and cannot be loaded. No weights were read.',
  message: (folder, issues) => {
    const shown = issues.slice(0, maxShown).map(({ code, message }) => `\n  - ${code}: ${message}`)
    const more = issues.length > maxShown ? `\n  and ${issues.length - maxShown} more` : ''
    return `cannot load ${folder}: ${issues.length} error(s):${shown.join('')}${more}`
  },
  help: (_folder, issues) => [...new Set(issues.map(({ help }) => help))].slice(0, 5).join(' '),
  docsHelp: 'Fix each error listed; the entry of its code on this page has the next step.',
})
