/** Errors of logging to Weights & Biases. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const wandbNotInstalled: ErrorMaker<[reason: string]> = defineError({
  code: 'train_wandb_not_installed',
  status: 400,
  when: 'The run logs to Weights & Biases, and its SDK is not installed.',
  message: (reason) => `cannot load @wandb/sdk: ${reason}`,
  help: 'Run `npm install @wandb/sdk` in the folder that the run is started from, or remove wandbLog from the listeners.',
})

export const wandbRefused: ErrorMaker<[project: string, reason: string]> = defineError({
  code: 'train_wandb_refused',
  status: 502,
  when: 'Weights & Biases rejected a run: the key is missing or wrong, or the connection failed.',
  message: (project, reason) => `Weights & Biases did not accept a run in ${project}: ${reason}`,
  help: 'Set WANDB_API_KEY to the key shown at https://wandb.ai/authorize, check that WANDB_BASE_URL is reachable, or remove wandbLog from the listeners.',
})
