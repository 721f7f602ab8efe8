import { expect, it } from 'vitest'
import { captureInputs } from './capture-inputs.ts'

const capture = {
  version: 1,
  takenAt: 1_000_000,
  readings: {
    dmesg: { text: '[    1.000000] x', isCut: true },
    'nvidia-smi-query': {
      failed: 'timed-out',
      detail: 'no response within 10 s',
      text: 'Unable to determine',
    },
    'proc-uptime': { text: '100.50 300.00\n' },
    absent: { failed: 'absent', detail: 'not found' },
    'service-config': { text: 'CUDA out of memory' },
    odd: null,
  },
}

it('takes what each source said, with the times of the capture', () => {
  const times = { takenAt: 1_000_000, bootAt: 899_500 }
  expect(captureInputs('c.json', JSON.stringify(capture))).toEqual([
    { name: 'c.json#dmesg', text: '[    1.000000] x', isCut: true, ...times },
    { name: 'c.json#nvidia-smi-query', text: 'Unable to determine', ...times },
  ])
})

it.each([
  '',
  '{',
  '{"readings":{}}',
  '{"version":2,"takenAt":1,"readings":{}}',
  '{"version":1,"takenAt":"x","readings":{}}',
  '{"version":1,"takenAt":1,"readings":null}',
  'a log with "readings"',
])('is no capture: %s', (text) => {
  expect(captureInputs('c', text)).toBeUndefined()
})
