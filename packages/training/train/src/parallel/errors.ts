/** Errors of distributed runs. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const rankEnvironmentInvalid: ErrorMaker<[issues: readonly string[]]> = defineError({
  code: 'train_rank_environment',
  status: 400,
  when: 'The environment marks this process as one rank of several, but the variables are incomplete or invalid.',
  message: (issues) =>
    `the environment marks this process as one rank of several, but the variables are incomplete or invalid:${issues.map((issue) => `\n  - ${issue}`).join('')}`,
  help: 'Set RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, as torchrun does. Or unset them all and start the ranks with --nproc.',
})

export const ranksDiffer: ErrorMaker<[rank: number, what: string]> = defineError({
  code: 'train_ranks_differ',
  status: 409,
  when: 'A rank loaded a different run than rank 0, or uses another run folder.',
  message: (rank, what) => `rank ${rank} ${what}`,
  help: 'Give every rank the same recipe, arguments and data, and all machines a shared folder. Look for a clock or Math.random in the recipe.',
})
