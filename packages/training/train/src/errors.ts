/** Every error @hadal/train raises to a user. */

import { defineError, type ErrorMaker, formatBytes } from '@hadal/base'

export const invalidRun: ErrorMaker<[name: string, faults: readonly string[]]> = defineError({
  code: 'train_invalid_run',
  status: 400,
  when: 'The configuration of a run has errors. All errors are listed at once.',
  message: (name, faults) =>
    `run ${JSON.stringify(name)} has ${faults.length} fault(s):${faults.map((fault) => `\n  - ${fault}`).join('')}`,
  help: 'Correct every value listed.',
})

export const diverged: ErrorMaker<[failure: Divergence, kept: string]> = defineError({
  code: 'train_diverged',
  status: 500,
  when: 'Losses, gradients or weights diverged, and the divergence guard is off or has used all its attempts.',
  message: ({ step, trouble, layer, batch, tried }, _kept) =>
    `step ${step} gave ${trouble}, in ${layer}, on ${batch}; ${
      tried.length === 0 ? 'nothing was tried' : `before:${tried.map((one) => `\n  - ${one}`).join('')}`
    }`,
  help: (_failure, kept) =>
    `Look at the batches named. If they are sound, halve schedule.peak or double schedule.warmupSteps and start again in a new folder. The last good weights: ${kept}.`,
})

export const outOfMemory: ErrorMaker<[what: string, reason: string]> = defineError({
  code: 'train_out_of_memory',
  status: 507,
  when: 'A forward or backward pass does not fit in memory, even with one row at a time.',
  message: (what, reason) => `${what} does not fit in memory: ${reason}`,
  help: '`hadal train RECIPE --plan` says what the run holds, and what each way to need less would save: checkpointing, adapters, an optimizer of 8 bits, shorter windows. Contrastive batches, which cannot be read in parts, fit with a smaller batch.cacheRows.',
})

/** @internal */
export const ggufModelUnreadable: ErrorMaker<[path: string, architecture: string]> = defineError({
  code: 'train_gguf_model_unreadable',
  status: 400,
  when: 'Training is to start from a GGUF file whose architecture is not Llama-like.',
  message: (path, architecture) => `${path} is a ${architecture}; only Llama-shaped models are read`,
  help: 'Begin with the folder of safetensors that the file was made of.',
})

/**
 * The failure that ended the run.
 *
 * @internal
 */
export interface Divergence {
  readonly step: number
  readonly trouble: string
  readonly layer: string
  readonly batch: string
  /** Earlier interventions of the guard, in order. */
  readonly tried: readonly string[]
}

export const checkpointUnwritten: ErrorMaker<
  [
    step: number,
    folder: string,
    reason: string,
    room: { readonly needBytes: number; readonly freeBytes: number | undefined },
    newest: string | undefined,
  ]
> = defineError({
  code: 'train_checkpoint_unwritten',
  status: 500,
  when: 'The final or a requested checkpoint cannot be written. Earlier checkpoints are unchanged.',
  message: (step, folder, reason, { needBytes, freeBytes }, _newest) =>
    `no checkpoint of step ${step} in ${folder}: ${reason} (it takes ${formatBytes(needBytes)}${freeBytes === undefined ? '' : `, ${formatBytes(freeBytes)} are free`})`,
  help: (_step, folder, _reason, { needBytes }, newest) =>
    `Free ${formatBytes(2 * needBytes)} on the disk of ${folder}, or make it writable, and start the run again. It goes on ${newest === undefined ? 'at its beginning' : `after ${newest}`}.`,
  docsHelp:
    'Free disk space or make the folder writable, and start the run again. It resumes after its newest checkpoint.',
})

export const folderUnusable: ErrorMaker<[folder: string, reason: string]> = defineError({
  code: 'train_folder_unusable',
  status: 500,
  when: 'The run folder cannot be read or written. This is checked before the first step.',
  message: (folder, reason) => `the run folder ${folder} cannot be used: ${reason}`,
  help: 'Give the run a folder that this user may write to, on a disk that is writable and has room.',
})

export const runChanged: ErrorMaker<[folder: string, change: string]> = defineError({
  code: 'train_run_changed',
  status: 409,
  when: 'The run folder contains checkpoints of a run with another configuration or other data.',
  message: (folder, change) => `${folder} holds checkpoints of a different run: ${change}`,
  help: 'Restore what changed to resume it, or give the new run a folder of its own. A wsd run can be prolonged from a checkpoint before its decay, when later ones are deleted.',
})

export const runLocked: ErrorMaker<
  [
    folder: string,
    lock: string,
    holder: { readonly pid: number; readonly host: string; readonly since: string },
  ]
> = defineError({
  code: 'train_run_locked',
  status: 409,
  when: 'Another process is training in the run folder, or this process already is.',
  message: (folder, _lock, { pid, host, since }) =>
    `process ${pid} on ${host} has been training in ${folder} since ${since}`,
  help: (_folder, lock, { host }) =>
    `Wait for it, stop it, or give this run a folder of its own. If nothing on ${host} trains there any more, delete ${lock}.`,
  docsHelp:
    'Wait for the other process, stop it, or use another folder for this run. If it no longer exists, delete the lock file that the error names.',
})

export const noUsableCheckpoint: ErrorMaker<[folder: string, faults: readonly string[]]> = defineError({
  code: 'train_no_usable_checkpoint',
  status: 500,
  when: 'A run folder has checkpoints but none is readable, or weights were requested where there are none.',
  message: (folder, faults) => `no checkpoint in ${folder} can be read: ${faults.join('; ')}`,
  help: 'Restore damaged files from a copy. Where only checkpoints/best is empty, the run was not to keep its best (checkpoint.best): take newestWeights. Delete a run folder, to start the run again, only when nothing in it is wanted.',
})

export const checkpointDamaged: ErrorMaker<[path: string, reason: string]> = defineError({
  code: 'train_checkpoint_damaged',
  status: 500,
  when: 'A checkpoint file can be opened, but its contents were altered or truncated.',
  message: (path, reason) => `${path} is damaged: ${reason}`,
  help: 'Use another checkpoint of the same run; `train` goes back to the one before by itself.',
})

export const streamEnded: ErrorMaker<[place: string]> = defineError({
  code: 'train_stream_ended',
  status: 400,
  when: 'A stream of windows ended before the last step of the run.',
  message: (place) => `the stream of windows has none after ${place}`,
  help: 'Let `next` of the stream begin again at its first windows, and `epoch` count how often it has: a run reads for as long as its schedule says.',
})

export const exportUnsupported: ErrorMaker<[format: string, what: string]> = defineError({
  code: 'train_export_unsupported',
  status: 400,
  when: 'A model has a feature that the export format or its readers do not support.',
  message: (format, what) => `${what} cannot be written as ${format}`,
  help: 'Train a model without what is named, or choose another format: a Hugging Face folder takes every model of tokens, a PEFT folder an adapter with its head.',
})

const maxFaults = 8

export const exportMismatch: ErrorMaker<[faults: readonly string[]]> = defineError({
  code: 'train_export_mismatch',
  status: 400,
  when: 'The weights to export do not match the configuration.',
  message: (faults) =>
    `the weights are not those of the configuration:${faults
      .slice(0, maxFaults)
      .map((fault) => `\n  - ${fault}`)
      .join('')}${faults.length > maxFaults ? `\n  - and ${faults.length - maxFaults} more` : ''}`,
  help: "Give the configuration that the run had. A run with `adapter` keeps adapters alone: `exportPeft` writes them, `mergedWeights` takes them into the base's weights.",
})

export const exportUnwritable: ErrorMaker<[path: string, reason: string]> = defineError({
  code: 'train_export_unwritable',
  status: 500,
  when: 'The export cannot be written to the requested path.',
  message: (path, reason) => `the export ${path} cannot be written: ${reason}`,
  help: 'Name a place below a folder that this user may write to, on a disk that has room.',
})

export const vocabularyMismatch: ErrorMaker<[tokens: number, rows: number]> = defineError({
  code: 'train_vocabulary_mismatch',
  status: 400,
  when: 'The tokenizer of an export has more tokens than the embedding of the model has rows.',
  message: (tokens, rows) => `the tokenizer has ${tokens} tokens, the model's vocab_size is ${rows}`,
  help: 'Export with the tokenizer the model was trained with, and train with vocab_size equal to its vocabSize, or more.',
})

export const peftInvalid: ErrorMaker<[path: string, faults: readonly string[]]> = defineError({
  code: 'train_peft_invalid',
  status: 400,
  when: 'A folder is not an adapter in PEFT layout, or the adapter type is unsupported.',
  message: (path, faults) =>
    `${path} is no usable adapter:${faults.map((fault) => `\n  - ${fault}`).join('')}`,
  help: 'Give a folder with adapter_config.json and adapter_model.safetensors of a LoRA or DoRA.',
})

export const peftPickled: ErrorMaker<[path: string]> = defineError({
  code: 'train_peft_pickled',
  status: 400,
  when: 'A PEFT adapter is stored as adapter_model.bin, a pickle file, which can run arbitrary code when it is loaded.',
  message: (path) => `${path} is a pickle, which is not read here`,
  help: 'Load it with peft and keep it again: PeftModel.from_pretrained(base, folder).save_pretrained(folder) writes adapter_model.safetensors.',
})

export const adapterUnsupported: ErrorMaker<[reasons: readonly string[]]> = defineError({
  code: 'train_adapter_unsupported',
  status: 400,
  when: 'An adapter has a feature that GGUF cannot represent or that llama.cpp would ignore.',
  message: (reasons) =>
    `the adapter cannot be written as GGUF:${reasons.map((reason) => `\n  - ${reason}`).join('')}`,
  help: "Take it into the base's weights: `hadal export <base> --adapter <folder> --out model.gguf`, or `mergedWeights` and `exportGguf` in a program.",
})
