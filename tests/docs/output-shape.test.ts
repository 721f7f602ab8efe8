import { expect, it } from 'vitest'
import { linesNotPrinted, shapeOf } from './output-shape.ts'

it('output has the same shape whatever its numbers', () => {
  expect(shapeOf('memory   27.9 MiB, of 16 windows')).toBe(shapeOf('memory  1.2 GiB, of 8 windows'))
  expect(shapeOf('on 2 threads')).toBe(shapeOf('on 1 thread'))
  expect(linesNotPrinted('a 1\n...\nc 3 and ...', 'a 7\nb\nc 12 and more')).toEqual([])
  expect(linesNotPrinted('b\na 1', 'a 7\nb')).toEqual(['a 1'])
})
