/** Errors of exports and of image models that are served. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const exportNoModel: ErrorMaker<[folder: string, isThere: boolean]> = defineError({
  code: 'export_no_model',
  status: 404,
  when: 'The argument of `hadal export` is not a folder with a config.json, and has none in `model/` or `hugging-face/`.',
  message: (folder, isThere) =>
    isThere
      ? `${folder} holds no config.json, nor do its model/ and hugging-face/; checkpoints of a run alone do not say what model they are of`
      : `there is no folder ${folder}`,
  help: 'Name a model as Hugging Face keeps it: config.json, safetensors and tokenizer.json. Recipes write one with exportHuggingFace, models with two towers with exportTowers, models that tell images apart with saveImageRun.',
})

export const exportTwoTowers: ErrorMaker<[folder: string]> = defineError({
  code: 'export_two_towers',
  status: 400,
  when: '`hadal export` was given a CLIP model (image encoder and text encoder), which it does not export.',
  message: (folder) =>
    `${folder} is a model with two towers, and the proof of an export compares logits of tokens`,
  help: '`exportTowers` of @hadal/train writes them, in the layout of Hugging Face or open_clip: docs/image-text.md. `hadal serve`, `hadal retrieve` and `hadal classify` take the folder as it is.',
})

export const exportNoAdapter: ErrorMaker<[folder: string, isThere: boolean]> = defineError({
  code: 'export_no_adapter',
  status: 404,
  when: '`--adapter` of `hadal export` does not name a folder with an adapter_config.json, and `adapter/` in it has none either.',
  message: (folder, isThere) =>
    isThere
      ? `${folder} holds no adapter_config.json, nor does its adapter/; checkpoints of a run alone do not say what adapter they are of`
      : `there is no folder ${folder}`,
  help: 'Name an adapter as PEFT keeps it: adapter_config.json and adapter_model.safetensors. Recipes write one with exportPeft.',
})

export const exportQuantizationUnreadable: ErrorMaker<[path: string, faults: readonly string[]]> =
  defineError({
    code: 'export_quantization_unreadable',
    status: 400,
    when: 'The quantization in the config.json of the model is not a known type.',
    message: (path, faults) => `${path}: ${faults.join('; ')}`,
    help: 'Write it with exportHuggingFace and the quantization of the run, or take it out: then weights are exported as they are.',
  })

export const exportTokenizerForeign: ErrorMaker<[folder: string]> = defineError({
  code: 'export_tokenizer_foreign',
  status: 400,
  when: 'The tokenizer of the model is not a byte-level BPE that the export supports.',
  message: (folder) =>
    `the tokenizer of ${folder} cannot be exported: it is no byte-level BPE that is known here`,
  help: 'Convert the folder with llama.cpp’s convert_hf_to_gguf.py.',
})

export const exportDiffers: ErrorMaker<[path: string, faults: readonly string[], report: string]> =
  defineError({
    code: 'export_differs',
    status: 500,
    when: 'The exported file was loaded again, and its logits differ from those of the source model. The file is kept.',
    message: (path, faults, _report) => `${path} is not what it was made from: ${faults.join('; ')}`,
    help: (_path, _faults, report) =>
      `The file is kept; ${report} says where they differ. With --type F32 nothing is rounded: if that passes, use more bits.`,
  })

export const drawingRefused: ErrorMaker<[name: string]> = defineError({
  code: 'image_drawing_refused',
  status: 400,
  when: 'A client sent an SVG drawing to embed. SVG is rejected because a small drawing can take hours to render and rendering cannot be interrupted.',
  message: (name) => `the image ${name} is an SVG drawing, which is not rendered for clients`,
  help: 'Render it to PNG, and send that.',
})

export const captionBeginMissing: ErrorMaker<[folder: string]> = defineError({
  code: 'caption_begin_missing',
  status: 500,
  when: 'The tokenizer of a CLIP folder defines no start-of-text token.',
  message: (folder) => `the tokenizer in ${folder} has no token that begins a caption`,
  help: 'Name it as bos_token in tokenizer_config.json; CLIP has <|startoftext|>.',
})
