import { expect, it } from 'vitest'
import { formFault } from './form-fault.ts'

const fault = (text: string, ended = true): string | undefined => formFault({ text, ended })

it('lets whole replies pass', () => {
  expect(fault('17 plus 26 is 43.')).toBeUndefined()
  expect(fault('Hello! How can I help you?')).toBeUndefined()
  expect(fault('"Thank you," said the fox. "You saved me."')).toBeUndefined()
  expect(fault('The emoji for umbrella is ☂️')).toBeUndefined()
  expect(fault('It was very, very cold. The fox ran and ran.')).toBeUndefined()
})

it('names the first issue', () => {
  expect(fault(' \n')).toBe('empty')
  expect(fault('The capital of', false)).toBe('cut off')
  expect(fault('The capital of')).toBe('no ending')
  expect(fault('A fox.<|im_end|> It ran.')).toBe('residue')
  expect(fault('A fox.\nuser\nWhat is a cat?')).toBe('residue')
  expect(fault('It is a animal.')).toBe('residue')
})

it('finds loops', () => {
  expect(fault('The fox ran. The fox slept. The fox ran.')).toBe('loop')
  expect(fault('It is a big big big dog.')).toBe('loop')
  expect(fault('It ran to the sea to the sea to the sea again.')).toBe('loop')
  expect(fault('The other mother is another.')).toBeUndefined()
})
