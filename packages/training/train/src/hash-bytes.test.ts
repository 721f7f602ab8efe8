import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hashBytes } from './hash-bytes.ts'

describe('hashBytes', () => {
  it('gives the digest of the whole, whatever the pieces', () => {
    const values = Int32Array.from({ length: 101 }, (_, index) => index * 7919).subarray(1)
    const whole = createHash('sha256').update(values).digest('hex')
    for (const most of [1, 7, 399, 400, 401, undefined]) {
      const hash = createHash('sha256')
      hashBytes(hash, values, most)
      expect(hash.digest('hex')).toBe(whole)
    }
  })

  it('takes arrays of 2 GiB and more in pieces that a hash can take', () => {
    const sizes: number[] = []
    hashBytes({ update: ({ byteLength }) => sizes.push(byteLength) }, new Uint8Array(2 ** 31 + 5))
    expect(sizes).toEqual([2 ** 30, 2 ** 30, 5])
  })
})
