import { expect, it } from 'vitest'
import { hasTokenChecksum, tokenChecksum } from './token-checksum.ts'

it('is the one that GitHub documents', () => {
  // A published example token.
  const [random, checksum] = ['zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ', '0mLq17']
  expect(tokenChecksum(random)).toBe(checksum)
  expect(hasTokenChecksum(random + checksum)).toBe(true)
  expect(hasTokenChecksum(`${random.slice(1)}x${checksum}`)).toBe(false)
})
