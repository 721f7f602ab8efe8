import { expect, it } from 'vitest'
import type { ProveMachine } from '../report/prove-report.ts'
import { missingNeeds, notHere } from './missing-needs.ts'

const machine: ProveMachine = {
  cpu: 'a processor',
  threads: 2,
  memoryBytes: 8 * 2 ** 30,
  system: 'linux 6.1.0 x64',
  node: 'v20.19.0',
  libtorch: { version: '2.6.0', blas: 'OpenBLAS', cuda: false },
  gpus: [],
}
const without: ProveMachine = {
  ...machine,
  libtorch: { fault: 'libtorch could not be loaded', help: 'Install it.' },
}

it('asks for nothing that is there', () => {
  expect(missingNeeds(['libtorch', 'linux'], machine)).toEqual([])
  expect(missingNeeds([], without)).toEqual([])
  const withGpu = { ...machine, gpus: ['A GPU'], libtorch: { ...machine.libtorch, cuda: true } }
  expect(missingNeeds(['gpu'], withGpu as ProveMachine)).toEqual([])
})

it('says what is missing and how to get it', () => {
  expect(missingNeeds(['libtorch'], without)).toEqual([
    'It trains, which takes libtorch. libtorch could not be loaded. Install it.',
  ])
  expect(missingNeeds(['gpu'], machine)[0]).toContain('nvidia-smi')
  expect(missingNeeds(['gpu'], { ...machine, gpus: ['A GPU'] })[0]).toContain('without CUDA')
  expect(missingNeeds(['linux'], { ...machine, system: 'darwin 24.0.0 arm64' })).toEqual([
    'It needs Linux, and this is darwin.',
  ])
})

it('says all of it', () => {
  const lacking = missingNeeds(['libtorch', 'gpu'], without)
  expect(lacking).toHaveLength(2)
  expect(notHere(lacking)).toMatchObject({ verdict: 'not here', reason: lacking.join(' ') })
})
