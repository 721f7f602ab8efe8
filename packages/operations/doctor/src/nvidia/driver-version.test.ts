import { expect, it } from 'vitest'
import { compareVersions, cudaOf, driverVersionIn, kernelModuleVersion } from './driver-version.ts'

it('compares by numbers, not by letters', () => {
  expect(compareVersions('470.57', '470.57.02')).toBeLessThan(0)
  expect(compareVersions('470.103.01', '470.57.02')).toBeGreaterThan(0)
  expect(compareVersions('525', '525.0.0')).toBe(0)
})

it('knows which CUDA a driver runs', () => {
  expect(
    ['450.80.02', '470.57.02', '524.99', '525.60.13', '579.99', '580.65.06', '590.1'].map(cudaOf),
  ).toEqual([undefined, '11.4', '11.4', '12', '12', '13', '13'])
})

it.each([
  ['NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024', '550.54.15'],
  ['NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build', '570.86.15'],
  ['NVRM version: NVIDIA UNIX aarch64 Kernel Module  535.161.07  x', '535.161.07'],
  ['GCC version:  gcc version 12.2.0', undefined],
  ['', undefined],
])('%s', (text, version) => expect(kernelModuleVersion(text)).toBe(version))

it('takes no other number for a version', () => {
  for (const text of ['[N/A]', '1.2', '550', '550.54.15.9.1', undefined])
    expect(driverVersionIn(text)).toBeUndefined()
  expect(driverVersionIn('550.54.15')).toBe('550.54.15')
})
