import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { writeOp } from './wrapper.ts'

const includedFor = (composite: string | URL): string[] => {
  const { source } = writeOp({ name: 'my::op', schema: '(Tensor a) -> Tensor', composite }, false)
  const [before] = source.split('#line')
  return [...before!.matchAll(/<ATen\/(Functions|ops\/\w+)\.h>$/gm)].map(([, header]) => header!)
}

it('includes the operators that sources name, and no others', () => {
  expect(includedFor('at::Tensor op_composite(const at::Tensor& a) { return a.relu(); }')).toEqual([])
  expect(includedFor('auto f = at::relu(at::add(a, a)); using at::tanh;')).toEqual([
    'ops/relu',
    'ops/add',
    'ops/tanh',
  ])
  const { source } = writeOp(
    {
      name: 'my::op',
      schema: '(Tensor a) -> Tensor',
      cpu: 'at::Tensor op_cpu(const at::Tensor& a) { return a * 2; }',
      shape: 'at::empty_like(a)',
      backward: { a: 'at::mul(grad, 2)' },
    },
    false,
  )
  expect(source).toContain('#include <ATen/ops/empty_like.h>')
  expect(source).toContain('#include <ATen/ops/mul.h>')
})

it.each([
  ['at::relu_(a)', 'ops/relu'],
  ['at::sum_out(out, a)', 'ops/sum'],
  ['at::sum_outf(a, out)', 'ops/sum'],
  ['at::empty_symint(sizes)', 'ops/empty'],
  ['at::zeros_symint_out(out, sizes)', 'ops/zeros'],
  ['at::_ops::relu::call(a)', 'ops/relu'],
])('%s comes with the header that declares it', (text, header) => {
  expect(includedFor(text)).toContain(header)
})

it.each([
  'using namespace at;',
  'namespace aten = at;',
  'namespace at {}',
  'at::var(a, 1)',
  'at::is_complex(a)',
])('%s needs all operators', (text) => {
  expect(includedFor(text)).toEqual(['Functions'])
})

it('includes what a header of the user’s names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-op-headers-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'op.cc'), '#include "near.h"\n')
  writeFileSync(join(folder, 'near.h'), 'inline at::Tensor f(const at::Tensor& a) { return at::cos(a); }\n')
  expect(includedFor(pathToFileURL(join(folder, 'op.cc')))).toEqual(['ops/cos'])
  const { source } = writeOp(
    {
      name: 'my::op',
      schema: '(Tensor a) -> Tensor',
      composite: '#include <near.h>\n#include <vector>\n',
      flags: [`-I${folder}`],
    },
    false,
  )
  expect(source).toContain('#include <ATen/ops/cos.h>')
})
