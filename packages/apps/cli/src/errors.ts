/** Every error of the command line itself that a user can meet. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const targetUnreachable: ErrorMaker<[url: string, why: string]> = defineError({
  code: 'target_unreachable',
  status: 503,
  when: 'The server to be measured does not answer.',
  message: (url, why) => `${url}: ${why}`,
  help: 'Start one with `hadal serve`, or name another: with --url, or as what `hadal profile` is given.',
})

export const trialFailed: ErrorMaker<[what: string, code: number]> = defineError({
  code: 'verify_resume_failed',
  status: 500,
  when: 'A run that `hadal train verify-resume` starts does not end as it should: what it said stands above.',
  message: (what, code) => `${what}: its process ended with exit code ${code}`,
  help: 'Where it is train_run_changed, the recipe gives another run each time it is loaded: look for a clock or Math.random in it.',
})

export const exportNoModel: ErrorMaker<[folder: string, isThere: boolean]> = defineError({
  code: 'export_no_model',
  status: 404,
  when: 'What `hadal export` should export is no folder with a config.json, and has none in `model/` or `hugging-face/`.',
  message: (folder, isThere) =>
    isThere
      ? `${folder} holds no config.json, nor do its model/ and hugging-face/; checkpoints of a run alone do not say what model they are of`
      : `there is no folder ${folder}`,
  help: 'Name a model as Hugging Face keeps it: config.json, safetensors and tokenizer.json. Recipes write one with exportHuggingFace, models with two towers with exportTowers, models that tell images apart with saveImageRun.',
})

export const exportTwoTowers: ErrorMaker<[folder: string]> = defineError({
  code: 'export_two_towers',
  status: 400,
  when: 'What `hadal export` should export is a model with towers for images and texts.',
  message: (folder) =>
    `${folder} is a model with two towers, and the proof of an export compares logits of tokens`,
  help: '`exportTowers` of @hadal/train writes them, in the layout of Hugging Face or open_clip: docs/image-text.md. `hadal serve`, `hadal retrieve` and `hadal classify` take the folder as it is.',
})

export const exportNoAdapter: ErrorMaker<[folder: string, isThere: boolean]> = defineError({
  code: 'export_no_adapter',
  status: 404,
  when: 'What `--adapter` of `hadal export` names is no folder with an adapter_config.json, and has none in `adapter/`.',
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
    when: 'A config.json that `hadal export` reads says what weights were trained for, and no type of quantisation is that.',
    message: (path, faults) => `${path}: ${faults.join('; ')}`,
    help: 'Write it with exportHuggingFace and the quantization of the run, or take it out: then weights are exported as they are.',
  })

export const exportTokenizerForeign: ErrorMaker<[folder: string]> = defineError({
  code: 'export_tokenizer_foreign',
  status: 400,
  when: 'A model is to be exported whose tokenizer cuts text as no byte-level BPE that is known here does.',
  message: (folder) =>
    `the tokenizer of ${folder} cannot be exported: it is no byte-level BPE that is known here`,
  help: 'Convert the folder with llama.cpp’s convert_hf_to_gguf.py.',
})

export const exportDiffers: ErrorMaker<[path: string, faults: readonly string[], report: string]> =
  defineError({
    code: 'export_differs',
    status: 500,
    when: 'An export was loaded again and gives other logits than the model it was made from. The file is kept.',
    message: (path, faults, _report) => `${path} is not what it was made from: ${faults.join('; ')}`,
    help: (_path, _faults, report) =>
      `The file is kept; ${report} says where they differ. With --type F32 nothing is rounded: if that passes, use more bits.`,
  })

export const drawingRefused: ErrorMaker<[name: string]> = defineError({
  code: 'image_drawing_refused',
  status: 400,
  when: 'An SVG drawing is sent to be embedded. A small one can ask for hours of rendering, which nothing can stop.',
  message: (name) => `the image ${name} is an SVG drawing, which is not rendered for clients`,
  help: 'Render it to PNG, and send that.',
})

export const captionBeginMissing: ErrorMaker<[folder: string]> = defineError({
  code: 'caption_begin_missing',
  status: 500,
  when: 'The tokenizer of a CLIP folder has no token that begins a caption.',
  message: (folder) => `the tokenizer in ${folder} has no token that begins a caption`,
  help: 'Name it as bos_token in tokenizer_config.json; CLIP has <|startoftext|>.',
})

export const opFolderTaken: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'op_folder_taken',
  status: 409,
  when: '`hadal op new` would write over a file, or cannot write its folder.',
  message: (path, why) => `${path}: ${why}`,
  help: 'Give the operator another name, or another folder: `hadal op new my::vector_add --folder elsewhere`.',
})
