/** Errors of fake quantisation. */

import { defineError, type ErrorMaker } from '@hadal/base'

const list = (items: readonly string[]): string => items.map((item) => `\n  - ${item}`).join('')

export const quantSchemeInvalid: ErrorMaker<[faults: readonly string[]]> = defineError({
  code: 'nn_quant_scheme_invalid',
  status: 400,
  when: 'The quantization scheme for weights or activations is invalid or contradictory.',
  message: (faults) => `the quantisation has ${faults.length} fault(s):${list(faults)}`,
  help: 'Correct every value listed.',
})

export const fakeQuantUnsupported: ErrorMaker<[faults: readonly string[]]> = defineError({
  code: 'nn_fake_quant_unsupported',
  status: 400,
  when: 'Fake quantization was combined with an unsupported feature: packed weights, fp8 matrix products or private training.',
  message: (faults) => `fake quantisation is not possible here:${list(faults)}`,
  help: 'Leave one of the two out, or skip the layers listed.',
})

export const nothingObserved: ErrorMaker<[name: string]> = defineError({
  code: 'nn_nothing_observed',
  status: 400,
  when: 'A tensor is to be quantized, and no forward pass has observed its value range.',
  message: (name) => `${name} has no range yet: no pass has observed it`,
  help: 'Run passes with observers on before quantising, or load a state that has ranges.',
})
