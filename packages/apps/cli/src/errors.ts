/** Every error of the command line itself that a user can meet. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const usage: ErrorMaker<[what: string, command: string]> = defineError({
  code: 'usage',
  status: 400,
  when: 'A command line cannot be understood. The exit code is 2.',
  message: (what, _command) => what,
  help: (_what, command) => `\`${command} --help\` says what there is.`,
})

export const invalidDistribution: ErrorMaker<[text: string]> = defineError({
  code: 'invalid_distribution',
  status: 400,
  when: 'A distribution of prompt or answer lengths cannot be read.',
  message: (text) => `${JSON.stringify(text)} is no distribution of lengths`,
  help: 'Write 64, uniform:32,128, lognormal:64,0.6,512 (median, sigma, most) or pareto:32,1.2,4096 (least, alpha, most).',
})

export const bundledModelMissing: ErrorMaker<[name: string, available: readonly string[]]> = defineError({
  code: 'bundled_model_missing',
  status: 500,
  when: 'A model that comes with Hadal is not where this installation should have it.',
  message: (name, _available) => `there is no bundled model ${name}`,
  help: (_name, available) =>
    available.length > 0
      ? `Bundled: ${available.join(', ')}.`
      : 'Name another one: --model path.gguf or --model hf:owner/repo:quant.',
})

export const chatTemplateUnreadable: ErrorMaker<[path: string, why: string, names: readonly string[]]> =
  defineError({
    code: 'chat_template_unreadable',
    status: 500,
    when: '`chatTemplate` is no Jinja source, no name of a template, and no file that can be read.',
    message: (path, why, _names) => `the chat template ${JSON.stringify(path)} cannot be read: ${why}`,
    help: (_path, _why, names) =>
      `Give Jinja source, the path of a file that holds it, or one of ${names.join(', ')}.`,
  })

export const targetUnreachable: ErrorMaker<[url: string, why: string]> = defineError({
  code: 'target_unreachable',
  status: 503,
  when: 'The server to be measured does not answer.',
  message: (url, why) => `${url}: ${why}`,
  help: 'Start one with `hadal serve`, or name another: with --url, or as what `hadal profile` is given.',
})

export const targetRefused: ErrorMaker<[url: string, why: string]> = defineError({
  code: 'target_refused',
  status: 502,
  when: 'The server to be measured answers, but not to the first requests.',
  message: (url, why) => `${url} answers with ${why}`,
  help: 'Check --model, --api-key and --endpoint. Servers that know no ignore_eos need --no-ignore-eos.',
})

export const reportUnwritable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'report_unwritable',
  status: 400,
  when: 'The file that a report should go to cannot be written. It is tried before anything is measured.',
  message: (path, why) => `${path} cannot be written: ${why}`,
  help: 'Name a file in a folder that exists and may be written to.',
})

export const serviceNotStarted: ErrorMaker<[why: string]> = defineError({
  code: 'service_not_started',
  status: 502,
  when: 'A service that is started to be measured ends before it serves, or refuses its first request.',
  message: (why) => `the service to be measured did not start: ${why}`,
  help: 'Start it by hand with the same flags: hadal serve.',
})

export const loadFailed: ErrorMaker<[failed: number, requests: number]> = defineError({
  code: 'load_failed',
  status: 502,
  when: 'Every request of a benchmark failed.',
  message: (failed, requests) => `${failed} of ${requests} requests failed`,
  help: 'The report lists the error codes. Less load, or a longer --timeout, may do.',
})

export const recipeNotFound: ErrorMaker<[recipe: string]> = defineError({
  code: 'recipe_not_found',
  status: 404,
  when: 'The recipe that `hadal train` should run is not there.',
  message: (recipe) => `there is no recipe ${recipe}`,
  help: 'Name a TypeScript or JavaScript file, or a folder that holds a train.ts or run.ts.',
})

export const trialTooShort: ErrorMaker<[steps: number, fewest: number]> = defineError({
  code: 'verify_resume_too_short',
  status: 400,
  when: '`hadal train verify-resume` is to try a run of too few steps to be interrupted.',
  message: (steps, fewest) => `the run has ${steps} steps; ${fewest} are needed to interrupt it`,
  help: 'Give it more: --schedule-total-steps 12.',
})

export const trialFailed: ErrorMaker<[what: string, code: number]> = defineError({
  code: 'verify_resume_failed',
  status: 500,
  when: 'A run that `hadal train verify-resume` starts does not end as it should: what it said stands above.',
  message: (what, code) => `${what}: its process ended with exit code ${code}`,
  help: 'Where it is train_run_changed, the recipe gives another run each time it is loaded: look for a clock or Math.random in it.',
})

export const simulationFileInvalid: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'simulation_file_invalid',
  status: 400,
  when: 'A file of recorded traffic or of fitted costs cannot be read, or says what cannot be simulated.',
  message: (path, why) => `${path}: ${why}`,
  help: 'Traffic is one JSON object a line, in the order of arrivals, with the fields that docs/simulate.md shows. Costs are what `hadal tune --costs` writes.',
})

export const tuneUnmeasured: ErrorMaker<[steps: number]> = defineError({
  code: 'tune_unmeasured',
  status: 500,
  when: '`hadal tune` could not learn what a step costs: the engine reported too few.',
  message: (steps) => `the engine reported ${steps} steps, too few to learn from`,
  help: 'See that the model generates or embeds, and that its context holds 64 tokens at least.',
})

export const configUnwritable: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'config_unwritable',
  status: 500,
  when: 'Tuned settings cannot be put into the config file: it is read-only, computes them, or takes them from elsewhere.',
  message: (path, why) => `${path} cannot be changed: ${why}`,
  help: 'Put them into it by hand: paste the block that is shown.',
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

export const opFolderInvalid: ErrorMaker<[path: string, why: string]> = defineError({
  code: 'op_folder_invalid',
  status: 400,
  when: 'What `hadal op` is to test or measure is no folder of an operator.',
  message: (path, why) => `${path}: ${why}`,
  help: '`hadal op new my::vector_add` writes one. Its op.ts exports by default { definition, reference, arguments }: docs/custom-operators.md.',
})
