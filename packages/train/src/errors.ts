/** Every error @hadal/train raises to a user. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const invalidRun: ErrorMaker<[name: string, faults: readonly string[]]> = defineError({
  code: 'train_invalid_run',
  status: 400,
  when: "A run's configuration has faults; all are listed at once.",
  message: (name, faults) =>
    `run ${JSON.stringify(name)} has ${faults.length} fault(s):${faults.map((fault) => `\n  - ${fault}`).join('')}`,
  help: 'Correct every value listed.',
})

export const diverged: ErrorMaker<[step: number, loss: number, norm: number, kept: string]> = defineError({
  code: 'train_diverged',
  status: 500,
  when: 'The loss or the gradient norm became infinite or not a number.',
  message: (step, loss, norm, _kept) => `step ${step} gave loss ${loss} and gradient norm ${norm}`,
  help: (_step, _loss, _norm, kept) =>
    `Halve schedule.peak or double schedule.warmupSteps and start again in a new folder. Weights before it: ${kept}.`,
})

export const runChanged: ErrorMaker<[folder: string]> = defineError({
  code: 'train_run_changed',
  status: 409,
  when: 'A run folder holds checkpoints of a run with another configuration or other data.',
  message: (folder) =>
    `${folder} holds checkpoints of a different run: its configuration or data changed since`,
  help: 'Restore what changed to resume it, or give the new run a folder of its own.',
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
  when: 'Another process trains in the run folder, or this one does already.',
  message: (folder, _lock, { pid, host, since }) =>
    `process ${pid} on ${host} has been training in ${folder} since ${since}`,
  help: (_folder, lock, { host }) =>
    `Wait for it, stop it, or give this run a folder of its own. If nothing on ${host} trains there any more, delete ${lock}.`,
})

export const noUsableCheckpoint: ErrorMaker<[folder: string, faults: readonly string[]]> = defineError({
  code: 'train_no_usable_checkpoint',
  status: 500,
  when: 'A run folder has checkpoints, but none can be read.',
  message: (folder, faults) => `no checkpoint in ${folder} can be read: ${faults.join('; ')}`,
  help: 'Restore the files from a copy, or delete the folder to start the run again.',
})

export const checkpointDamaged: ErrorMaker<[path: string, reason: string]> = defineError({
  code: 'train_checkpoint_damaged',
  status: 500,
  when: 'A checkpoint file opens, but its contents are not what was written.',
  message: (path, reason) => `${path} is damaged: ${reason}`,
  help: 'Use another checkpoint of the same run; `train` goes back to the one before by itself.',
})

export const exportUnsupported: ErrorMaker<[format: string, what: string]> = defineError({
  code: 'train_export_unsupported',
  status: 400,
  when: 'A model is to be exported that has something which the format cannot say, or its readers do otherwise.',
  message: (format, what) => `${what} cannot be written as ${format}`,
  help: 'Export it as a Hugging Face folder instead, or train a model without what is named.',
})

export const vocabularyMismatch: ErrorMaker<[tokens: number, rows: number]> = defineError({
  code: 'train_vocabulary_mismatch',
  status: 400,
  when: 'A model is exported with a tokenizer of another size than its embedding.',
  message: (tokens, rows) => `the tokenizer has ${tokens} tokens, the model's vocab_size is ${rows}`,
  help: 'Export with the tokenizer the model was trained with, and train with vocab_size equal to its vocabSize.',
})
