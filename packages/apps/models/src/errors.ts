/** Errors of exports and of image models that are served. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const exportNoModel: ErrorMaker<[folder: string, isThere: boolean]> = defineError({
  code: 'export_no_model',
  status: 404,
  when: 'The argument of `hadal export` is not a folder with a config.json, and has none in `model/` or `hugging-face/`.',
  message: (folder, isThere) =>
    isThere
      ? `${folder} contains no config.json, nor do its model/ and hugging-face/; the checkpoints of a run do not describe the model`
      : `the folder ${folder} does not exist`,
  help: 'Name a model folder in the Hugging Face layout: config.json, safetensors and tokenizer.json. Recipes write one with exportHuggingFace; CLIP models (image encoder and text encoder) with exportTowers; image classifiers with saveImageRun.',
})

export const exportTwoTowers: ErrorMaker<[folder: string]> = defineError({
  code: 'export_two_towers',
  status: 400,
  when: '`hadal export` was given a CLIP model (image encoder and text encoder), which it does not export.',
  message: (folder) => `${folder} is a CLIP model, and exports are verified by comparing token logits`,
  help: 'Use `exportTowers` of @hadal/train to write it in the Hugging Face or open_clip layout: docs/image-text.md. `hadal serve`, `hadal retrieve` and `hadal classify` accept the folder unchanged.',
})

export const exportNoAdapter: ErrorMaker<[folder: string, isThere: boolean]> = defineError({
  code: 'export_no_adapter',
  status: 404,
  when: '`--adapter` of `hadal export` does not name a folder with an adapter_config.json, and `adapter/` in it has none either.',
  message: (folder, isThere) =>
    isThere
      ? `${folder} contains no adapter_config.json, nor does its adapter/; the checkpoints of a run do not describe the adapter`
      : `the folder ${folder} does not exist`,
  help: 'Name an adapter folder in the PEFT layout: adapter_config.json and adapter_model.safetensors. Recipes write one with exportPeft.',
})

export const exportQuantizationUnreadable: ErrorMaker<[path: string, issues: readonly string[]]> =
  defineError({
    code: 'export_quantization_unreadable',
    status: 400,
    when: 'The quantization in the config.json of the model is not a known type.',
    message: (path, issues) => `${path}: ${issues.join('; ')}`,
    help: 'Write config.json with exportHuggingFace and the quantization of the run, or remove the entry: the weights are then exported unchanged.',
  })

export const exportTokenizerForeign: ErrorMaker<[folder: string]> = defineError({
  code: 'export_tokenizer_foreign',
  status: 400,
  when: 'The tokenizer of the model is not a byte-level BPE that the export supports.',
  message: (folder) => `cannot export the tokenizer of ${folder}: it is not a supported byte-level BPE`,
  help: "Convert the folder with llama.cpp's convert_hf_to_gguf.py.",
})

export const exportDiffers: ErrorMaker<[path: string, issues: readonly string[], report: string]> =
  defineError({
    code: 'export_differs',
    status: 500,
    when: 'The exported file was loaded again, and its logits differ from those of the source model. The file is kept.',
    message: (path, issues, _report) => `${path} does not match its source model: ${issues.join('; ')}`,
    help: (_path, _issues, report) =>
      `See ${report} for the differences; the file is kept. --type F32 rounds nothing: if that passes, use more bits.`,
  })

export const drawingRefused: ErrorMaker<[name: string]> = defineError({
  code: 'image_drawing_refused',
  status: 400,
  when: 'A client sent an SVG drawing to embed. SVG is rejected because a small drawing can take hours to render and rendering cannot be interrupted.',
  message: (name) => `the image ${name} is an SVG drawing, which the server does not render`,
  help: 'Render it to PNG and send the PNG.',
})

export const captionBeginMissing: ErrorMaker<[folder: string]> = defineError({
  code: 'caption_begin_missing',
  status: 500,
  when: 'The tokenizer of a CLIP folder defines no start-of-text token.',
  message: (folder) => `the tokenizer in ${folder} has no start-of-text token`,
  help: 'Set bos_token in tokenizer_config.json; CLIP uses <|startoftext|>.',
})
