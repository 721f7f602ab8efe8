import { expect, test } from 'vitest'
import { formats } from './formats.ts'

test.each([
  ['bytes', '2048', '2.0 KiB'],
  ['kilobytes', '2', '2.0 KiB'],
  ['seconds', '1600', '2'],
  ['trimmed', ' a ', 'a'],
  ['no_comma', 'gfx,', 'gfx'],
  ['no_full_stop', 'it failed.', 'it failed'],
  ['no_end_mark', 'it failed:', 'it failed'],
  ['file_name', '/a/b.so', 'b.so'],
  ['folder', '/a/b.so', '/a'],
  ['folder', '/b.so', '/'],
  ['known', '<unknown>', ''],
  ['known', '7', '7'],
  ['bus_id', '0000:9b:00', '0000:9b:00.0'],
  ['bus_id', '0000:9b:00.1', '0000:9b:00.1'],
  ['cuda_version', '12040', '12.4'],
  ['cuda_version', '12.4', '12.4'],
  ['half', '3e-4', '0.00015'],
  ['half', '0', ''],
  ['package_of', 'torchvision::nms', 'torchvision'],
  ['package_of', '_ZN3c10E', 'libtorch'],
  ['package_of', 'cblas_sgemm', ''],
  ['language_of', 'GLIBCXX_3.4.32', 'cpp'],
  ['language_of', 'GLIBC_2.34', 'c'],
  ['toolkit_of', 'libcudart.so.12', 'cuda'],
  ['toolkit_of', 'libgomp.so.1', ''],
  ['file_kind', 'vers', 'pointer'],
  ['file_kind', '<!DO', 'page'],
  ['file_kind', 'ggjt', 'ggml'],
  ['file_kind', 'PK', 'archive'],
  ['file_kind', 'abcd', 'other'],
])('%s of %s', (format, figure, text) => {
  expect(formats[format]!(figure, {})).toBe(text)
})

test('a share of memory leaves a little free', () => {
  expect(formats.free_share!('80', { free: '40' })).toBe('0.48')
  expect(formats.free_share!('80', { free: 'none' })).toBe('')
})
