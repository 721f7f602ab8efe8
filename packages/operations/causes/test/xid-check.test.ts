import { causes } from '@hadal/causes'
import { gpuChecks, runChecks } from '@hadal/doctor'
import { expect, test } from 'vitest'
import { machine, withText } from '../../doctor/test/gpu/captures.ts'

test('with the catalogue, the check of Xids says what one means and what to do', () => {
  const line = '[1.0] NVRM: Xid (PCI:0000:18:00): 79, pid=1, name=python3, GPU has fallen off the bus.\n'
  const { findings } = runChecks(gpuChecks, withText(machine(), 'dmesg', line), causes)
  expect(findings.find(({ id }) => id === 'gpu-xid')).toMatchObject({
    severity: 'error',
    says: expect.stringMatching(
      /^GPU 0.*: The GPU at 0000:18:00 reported Xid 79 while process 1 \(python3\) used it: /,
    ),
    fix: { text: expect.any(String), command: expect.any(String) },
  })
})
