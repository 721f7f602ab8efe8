/**
 * Our files read by the reference implementation, and its files read by us. Runs where Debian's
 * python3-safetensors is installed.
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSafetensors, writeSafetensors } from '@hadal/formats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

function python(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('/usr/bin/python3', ['-c', program, ...args], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr ?? 'there is no python3')
  return stdout
}

function installed(): boolean {
  try {
    python('import numpy, safetensors.numpy')
    return true
  } catch {
    return false
  }
}

describe.skipIf(!installed())('the reference implementation', () => {
  let folder: string
  let path: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hadal-safetensors-python-'))
    path = join(folder, 'a.safetensors')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('reads what we write', () => {
    const floats = Float32Array.of(1, -2.5, 1e-8, 65504, 0.1, 3)
    writeSafetensors(
      path,
      [
        { name: 'half', type: 'F16', shape: [3, 2], data: floats },
        { name: 'bytes é', type: 'U8', shape: [1], data: Uint8Array.of(255) },
        { name: 'long', type: 'I64', shape: [], data: BigInt64Array.of(-(2n ** 40n)) },
        { name: 'float', type: 'F32', shape: [2, 3], data: floats },
        { name: 'empty', type: 'F32', shape: [0, 3], data: new Float32Array(0) },
      ],
      { format: 'pt', note: 'naïve "quoted"' },
    )
    const read = python(
      `
import json, sys
from safetensors import safe_open
with safe_open(sys.argv[1], 'numpy') as f:
    tensors = {k: f.get_tensor(k) for k in f.keys()}
    print(json.dumps([f.metadata(), {k: [str(v.dtype), v.shape, v.tobytes().hex()] for k, v in tensors.items()}]))
`,
      path,
    )
    using file = openSafetensors(path)
    const hex = (name: string): string => Buffer.from(file.read(name)).toString('hex')
    expect(JSON.parse(read)).toEqual([
      { format: 'pt', note: 'naïve "quoted"' },
      {
        half: ['float16', [3, 2], hex('half')],
        'bytes é': ['uint8', [1], 'ff'],
        long: ['int64', [], hex('long')],
        float: ['float32', [2, 3], Buffer.from(floats.buffer).toString('hex')],
        empty: ['float32', [0, 3], ''],
      },
    ])
  })

  it('writes what we read, and the same bytes for the same tensors', () => {
    python(
      `
import sys, numpy
from safetensors.numpy import save_file
save_file({
    'b': numpy.arange(6, dtype='float32').reshape(2, 3),
    'a': numpy.array([1, -1], dtype='int64'),
    'c': numpy.array([True, False]),
    'd': numpy.array([0.5], dtype='float16'),
}, sys.argv[1], {'format': 'np'})
`,
      path,
    )
    using file = openSafetensors(path)
    expect([...file.readFloats('b')]).toEqual([0, 1, 2, 3, 4, 5])
    expect([...new BigInt64Array(file.read('a').buffer)]).toEqual([1n, -1n])
    expect(file.tensors.get('c')).toMatchObject({ type: 'BOOL', shape: [2] })
    expect([...file.readFloats('d')]).toEqual([0.5])
    const copy = join(folder, 'copy.safetensors')
    writeSafetensors(
      copy,
      [...file.tensors.values()].map((tensor) => ({ ...tensor, data: file.read(tensor.name) })),
      Object.fromEntries(file.metadata),
    )
    expect(readFileSync(copy)).toEqual(readFileSync(path))
  })
})
