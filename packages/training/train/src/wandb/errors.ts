/** Errors of logging to Weights & Biases. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const wandbNotInstalled: ErrorMaker<[reason: string]> = defineError({
  code: 'train_wandb_not_installed',
  status: 400,
  when: 'The run logs to Weights & Biases, and its SDK is not installed.',
  message: (reason) => `@wandb/sdk cannot be loaded: ${reason}`,
  help: 'Run `npm install @wandb/sdk` in the folder the run is started from, or leave wandbLog out of the listeners.',
})

export const wandbRefused: ErrorMaker<[project: string, reason: string]> = defineError({
  code: 'train_wandb_refused',
  status: 502,
  when: 'Weights & Biases rejected a run: the key is missing or wrong, or the connection failed.',
  message: (project, reason) => `Weights & Biases does not take up a run in ${project}: ${reason}`,
  help: 'Set WANDB_API_KEY to the key that https://wandb.ai/authorize shows, see that WANDB_BASE_URL can be reached, or leave wandbLog out of the listeners.',
})
