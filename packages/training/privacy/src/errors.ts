/** Errors of a question to an accountant. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const ledgerInvalid: ErrorMaker<[name: string, value: unknown, expected: string]> = defineError({
  code: 'privacy_ledger_invalid',
  status: 400,
  when: 'A noise multiplier, sample rate or number of steps of private training is invalid.',
  message: (name, value, expected) => `${name} is ${String(value)}; it must be ${expected}`,
  help: (name, _value, expected) => `Set ${name} to ${expected}.`,
})

export const privacyTargetInvalid: ErrorMaker<[name: string, value: unknown, expected: string]> = defineError(
  {
    code: 'privacy_target_invalid',
    status: 400,
    when: 'An epsilon, a delta or the name of an accountant is invalid.',
    message: (name, value, expected) => `${name} is ${String(value)}; it must be ${expected}`,
    help: (name, _value, expected) => `Set ${name} to ${expected}.`,
  },
)

export const epsilonUnreachable: ErrorMaker<
  [epsilon: number, delta: number, accountant: string, least: number]
> = defineError({
  code: 'privacy_epsilon_unreachable',
  status: 400,
  when: 'No amount of noise reaches the requested epsilon with the chosen accountant.',
  message: (epsilon, delta, accountant, least) =>
    `epsilon ${epsilon} at delta ${delta} is below ${least.toPrecision(3)}, the minimum of accountant '${accountant}' with any noise`,
  help: (_epsilon, _delta, accountant) =>
    accountant === 'prv'
      ? "Use a larger epsilon: the bound of 'prv' includes its own error of 0.01."
      : "Use a larger epsilon or delta, or accountant 'prv', which is tighter.",
  docsHelp: "Use a larger epsilon or delta, or accountant 'prv', which is tighter.",
  facts: (epsilon, delta, _accountant, least) => ({ epsilon, delta, least }),
})

export const attackInvalid: ErrorMaker<[name: string, value: unknown, expected: string]> = defineError({
  code: 'privacy_attack_invalid',
  status: 400,
  when: 'A membership inference attack was given too few losses, losses that are not numbers, or an invalid option.',
  message: (name, value, expected) => `${name} is ${String(value)}; it must be ${expected}`,
  help: (name, _value, expected) => `Set ${name} to ${expected}.`,
})
