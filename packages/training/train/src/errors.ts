/** Every error @hadal/train raises to a user. */

import { defineError, type ErrorMaker, formatBytes } from '@hadal/base'

export const invalidRun: ErrorMaker<[name: string, issues: readonly string[]]> = defineError({
  code: 'train_invalid_run',
  status: 400,
  when: 'The configuration of a run has errors. All errors are listed at once.',
  message: (name, issues) =>
    `run ${JSON.stringify(name)} has ${issues.length} error(s):${issues.map((issue) => `\n  - ${issue}`).join('')}`,
  help: 'Correct every value listed.',
})

export const diverged: ErrorMaker<[failure: Divergence, kept: string]> = defineError({
  code: 'train_diverged',
  status: 500,
  when: 'Losses, gradients or weights diverged, and the divergence guard is off or has used all its attempts.',
  message: ({ step, trouble, layer, batch, tried }, _kept) =>
    `step ${step} produced ${trouble}, in ${layer}, on ${batch}; ${tried.length === 0 ? 'no recovery was attempted' : `previous attempts:${tried.map((one) => `\n  - ${one}`).join('')}`}`,
  help: (_failure, kept) =>
    `Check the batches named. If they are correct, halve schedule.peak or double schedule.warmupSteps and start again in a new folder. The last good weights: ${kept}.`,
})

export const outOfMemory: ErrorMaker<[what: string, reason: string]> = defineError({
  code: 'train_out_of_memory',
  status: 507,
  when: 'A forward or backward pass does not fit in memory, even with one row at a time.',
  message: (what, reason) => `${what} does not fit in memory: ${reason}`,
  help: 'Run `hadal train RECIPE --plan` to see the memory use and the savings of each option: activation checkpointing, adapters, an 8-bit optimizer, shorter windows. For contrastive batches, which cannot be split, lower batch.cacheRows.',
})

/** @internal */
export const ggufModelUnreadable: ErrorMaker<[path: string, architecture: string]> = defineError({
  code: 'train_gguf_model_unreadable',
  status: 400,
  when: 'Training is to start from a GGUF file whose architecture is not Llama-like.',
  message: (path, architecture) =>
    `${path} has the architecture ${architecture}; only Llama-like models are supported`,
  help: 'Start from the safetensors folder that the file was converted from.',
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
    `cannot write the checkpoint of step ${step} to ${folder}: ${reason} (needs ${formatBytes(needBytes)}${freeBytes === undefined ? '' : `, ${formatBytes(freeBytes)} free`})`,
  help: (_step, folder, _reason, { needBytes }, newest) =>
    `Free ${formatBytes(2 * needBytes)} on the disk of ${folder}, or make it writable, and start the run again. It resumes ${newest === undefined ? 'from the beginning' : `after ${newest}`}.`,
  docsHelp:
    'Free disk space or make the folder writable, and start the run again. It resumes after its newest checkpoint.',
})

export const folderUnusable: ErrorMaker<[folder: string, reason: string]> = defineError({
  code: 'train_folder_unusable',
  status: 500,
  when: 'The run folder cannot be read or written. This is checked before the first step.',
  message: (folder, reason) => `cannot use the run folder ${folder}: ${reason}`,
  help: 'Choose a folder that this user can write to, on a writable disk with free space.',
})

export const runChanged: ErrorMaker<[folder: string, change: string]> = defineError({
  code: 'train_run_changed',
  status: 409,
  when: 'The run folder contains checkpoints of a run with another configuration or other data.',
  message: (folder, change) => `${folder} contains checkpoints of a different run: ${change}`,
  help: 'Restore what changed to resume the run, or use another folder for the new run. A wsd run can be extended from a checkpoint before its decay, after later checkpoints are deleted.',
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
    `Wait for it, stop it, or use another folder for this run. If nothing on ${host} is training there any more, delete ${lock}.`,
  docsHelp:
    'Wait for the other process, stop it, or use another folder for this run. If it no longer exists, delete the lock file that the error names.',
})

export const noUsableCheckpoint: ErrorMaker<[folder: string, issues: readonly string[]]> = defineError({
  code: 'train_no_usable_checkpoint',
  status: 500,
  when: 'A run folder has checkpoints but none is readable, or weights were requested where there are none.',
  message: (folder, issues) => `no readable checkpoint in ${folder}: ${issues.join('; ')}`,
  help: 'Restore damaged files from a backup. If only checkpoints/best is empty, the run did not keep its best weights (checkpoint.best): use newestWeights. Delete the run folder to start over only if you need nothing in it.',
})

export const checkpointDamaged: ErrorMaker<[path: string, reason: string]> = defineError({
  code: 'train_checkpoint_damaged',
  status: 500,
  when: 'A checkpoint file can be opened, but its contents were altered or truncated.',
  message: (path, reason) => `${path} is damaged: ${reason}`,
  help: 'Use another checkpoint of the same run. `train` falls back to the previous one automatically.',
})

export const streamEnded: ErrorMaker<[place: string]> = defineError({
  code: 'train_stream_ended',
  status: 400,
  when: 'A stream of windows ended before the last step of the run.',
  message: (place) => `the stream of windows ended after ${place}`,
  help: 'Make `next` of the stream start over at its first windows and count the passes in `epoch`: a run reads until its schedule ends.',
})

export const exportUnsupported: ErrorMaker<[format: string, what: string]> = defineError({
  code: 'train_export_unsupported',
  status: 400,
  when: 'A model has a feature that the export format or its readers do not support.',
  message: (format, what) => `${what} cannot be written as ${format}`,
  help: 'Train a model without this feature, or choose another format: a Hugging Face folder supports every token model, a PEFT folder an adapter with its head.',
})

const maxIssues = 8

export const exportMismatch: ErrorMaker<[issues: readonly string[]]> = defineError({
  code: 'train_export_mismatch',
  status: 400,
  when: 'The weights to export do not match the configuration.',
  message: (issues) =>
    `the weights do not match the configuration:${issues
      .slice(0, maxIssues)
      .map((issue) => `\n  - ${issue}`)
      .join('')}${issues.length > maxIssues ? `\n  - and ${issues.length - maxIssues} more` : ''}`,
  help: 'Use the configuration of the run. A run with `adapter` stores only adapters: write them with `exportPeft`, or merge them into the base weights with `mergedWeights`.',
})

export const exportUnwritable: ErrorMaker<[path: string, reason: string]> = defineError({
  code: 'train_export_unwritable',
  status: 500,
  when: 'The export cannot be written to the requested path.',
  message: (path, reason) => `cannot write the export ${path}: ${reason}`,
  help: 'Choose a path in a folder that this user can write to, on a disk with free space.',
})

export const vocabularyMismatch: ErrorMaker<[tokens: number, rows: number]> = defineError({
  code: 'train_vocabulary_mismatch',
  status: 400,
  when: 'The tokenizer of an export has more tokens than the embedding of the model has rows.',
  message: (tokens, rows) => `the tokenizer has ${tokens} tokens, the model's vocab_size is ${rows}`,
  help: 'Export with the tokenizer that the model was trained with, and train with a vocab_size of at least its vocabSize.',
})

export const peftInvalid: ErrorMaker<[path: string, issues: readonly string[]]> = defineError({
  code: 'train_peft_invalid',
  status: 400,
  when: 'A folder is not an adapter in PEFT layout, or the adapter type is unsupported.',
  message: (path, issues) =>
    `${path} is not a usable adapter:${issues.map((issue) => `\n  - ${issue}`).join('')}`,
  help: 'Name a folder with adapter_config.json and adapter_model.safetensors of a LoRA or DoRA adapter.',
})

export const peftPickled: ErrorMaker<[path: string]> = defineError({
  code: 'train_peft_pickled',
  status: 400,
  when: 'A PEFT adapter is stored as adapter_model.bin, a pickle file, which can run arbitrary code when it is loaded.',
  message: (path) => `${path} is a pickle file, which is never loaded`,
  help: 'Load it with peft and save it again: PeftModel.from_pretrained(base, folder).save_pretrained(folder) writes adapter_model.safetensors.',
})

export const adapterUnsupported: ErrorMaker<[reasons: readonly string[]]> = defineError({
  code: 'train_adapter_unsupported',
  status: 400,
  when: 'An adapter has a feature that GGUF cannot represent or that llama.cpp would ignore.',
  message: (reasons) =>
    `cannot write the adapter as GGUF:${reasons.map((reason) => `\n  - ${reason}`).join('')}`,
  help: 'Merge it into the base weights: `hadal export <base> --adapter <folder> --out model.gguf`, or `mergedWeights` and `exportGguf` in a program.',
})
