import { expect, test } from 'vitest'
import { meantQuantity } from './meant-quantity.ts'

test.each([
  ['16GB', 'Write 16Gi.'],
  ['8Gb', 'Write 8Gi.'],
  ['512 mb', 'Write 512M.'],
  ['2 cores', 'Write 2.'],
  ['lots', expect.stringContaining('500m, 16Gi')],
])('%s was meant as', (text, fix) => expect(meantQuantity(text)).toEqual(fix))
