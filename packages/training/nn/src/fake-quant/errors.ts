/** Errors of fake quantisation. */

import { defineError, type ErrorMaker } from '@hadal/base'

const list = (items: readonly string[]): string => items.map((item) => `\n  - ${item}`).join('')

export const quantSchemeInvalid: ErrorMaker<[issues: readonly string[]]> = defineError({
  code: 'nn_quant_scheme_invalid',
  status: 400,
  when: 'The quantization scheme for weights or activations is invalid or contradictory.',
  message: (issues) => `the quantization scheme has ${issues.length} error(s):${list(issues)}`,
  help: 'Correct every value listed.',
})

export const fakeQuantUnsupported: ErrorMaker<[issues: readonly string[]]> = defineError({
  code: 'nn_fake_quant_unsupported',
  status: 400,
  when: 'Fake quantization was combined with an unsupported feature: packed weights, fp8 matrix products or private training.',
  message: (issues) => `fake quantization is not possible here:${list(issues)}`,
  help: 'Disable one of the two, or skip the layers listed.',
})

export const nothingObserved: ErrorMaker<[name: string]> = defineError({
  code: 'nn_nothing_observed',
  status: 400,
  when: 'A tensor is to be quantized, and no forward pass has observed its value range.',
  message: (name) => `${name} has no observed value range`,
  help: 'Run forward passes with observers enabled before quantizing, or load a state with ranges.',
})
