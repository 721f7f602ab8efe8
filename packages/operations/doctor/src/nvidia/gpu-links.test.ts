import { expect, it } from 'vitest'
import { parseLinks, parsePeerAccess } from './gpu-links.ts'
import { parseGpuList } from './gpu-list.ts'
import { parsePciDevices } from './pci-devices.ts'
import { valuesIn } from './smi-details.ts'

it('reads who reaches whom, in colour, too', () => {
  const matrix =
    '\t\u001B[4mGPU0\tGPU1\t\u001B[0m\n GPU0\tX\tOK\t\n GPU1\tCNS\tX\t\n\nLegend:\n\n  X    = Self\n  OK   = Status Ok\n'
  expect(parsePeerAccess(matrix)).toEqual([
    { from: 0, to: 1, status: 'OK' },
    { from: 1, to: 0, status: 'CNS' },
  ])
  for (const text of ['', 'GPU0', 'GPU0 X', 'GPU0 GPU1\nGPU0 X', 'Legend: OK'])
    expect(parsePeerAccess(text)).toEqual([])
})

it('counts links that are up and down', () => {
  const status = `GPU 0: NVIDIA H100 (UUID: GPU-1)\n\t Link 0: 26.562 GB/s\n\t Link 1: <inactive>\nGPU 1: x\n\t Link 0: 26.562 GB/s\n`
  expect(parseLinks(status)).toEqual([
    { gpu: 0, active: 1, inactive: 1, unclear: 0 },
    { gpu: 1, active: 1, inactive: 0, unclear: 0 },
  ])
  expect(parseLinks('Link 0: 26 GB/s')).toEqual([])
})

it('reads GPUs and their instances', () => {
  const list =
    'GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5b)\r\n  MIG 1g.5gb      Device  0: (UUID: MIG-c6d4)\r\nGPU 1: Tesla T4\r\n'
  expect(parseGpuList(list)).toEqual([
    { index: 0, name: 'NVIDIA A100-SXM4-40GB', uuid: 'GPU-5d5b', instances: ['1g.5gb'] },
    { index: 1, name: 'Tesla T4', uuid: undefined, instances: [] },
  ])
})

it('reads values under their heading, and of their GPU', () => {
  const text = [
    'Driver Version                            : 550.54.15',
    'GPU 00000000:18:00.0',
    '    Fabric',
    '        State                             : Completed',
    '        Status                            : Success',
    '    Processes                             : None',
    '    State                                 : elsewhere',
    'GPU 00000000:28:00.0',
    '    Fabric',
    '        State                             : N/A',
  ].join('\n')
  expect(valuesIn(text, 'Fabric', 'State')).toEqual([
    { gpu: '00000000:18:00.0', value: 'Completed' },
    { gpu: '00000000:28:00.0', value: 'N/A' },
  ])
  expect(valuesIn(text, 'Driver', 'State')).toEqual([])
})

it('finds GPUs on the bus, and neither their sound nor switches', () => {
  const bus = [
    '1800\t10de2330\t1a\t        c2000000\t  0\t  2000000\tnvidia',
    '1801\t10de10f0\t1a\t  0\tsnd_hda_intel',
    '2000\t10de22a3\t1a\t  0\tnvidia-nvswitch',
    '2800\t10de2330\t1a\t        fc000000\t  0',
    '0000\t80860d57\t0\t  0',
    'junk',
  ].join('\n')
  expect(parsePciDevices(bus)).toEqual([
    { device: '2330', driver: 'nvidia' },
    { device: '2330', driver: undefined },
  ])
})
