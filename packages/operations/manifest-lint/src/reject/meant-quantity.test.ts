import { expect, test } from 'vitest'
import { meantQuantity } from './meant-quantity.ts'

test.each([
  ['16GB', 'Use 16Gi.'],
  ['8Gb', 'Use 8Gi.'],
  ['512 mb', 'Use 512M.'],
  ['2 cores', 'Use 2.'],
  ['lots', expect.stringContaining('500m, 16Gi')],
])('%s was meant as', (text, fix) => expect(meantQuantity(text)).toEqual(fix))
