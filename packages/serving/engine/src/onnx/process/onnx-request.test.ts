import { expect, it } from 'vitest'
import { OnnxRequest } from './onnx-request.ts'

it('lists only the rows that one run can take, of any number of rows', () => {
  const rows = 2 ** 40
  const request = new OnnxRequest(1, [], [], 'k', rows)
  const rowsOf = (): readonly number[] => request.waiting(3).inputs.map(({ row }) => row)
  expect(rowsOf()).toEqual([0, 1, 2])
  const none = { inputMillis: 0, inferMillis: 0, outputMillis: 0 }
  request.computed(2, [], none)
  expect(rowsOf()).toEqual([2, 3, 4])
  request.computed(rows - 3, [], none)
  expect(rowsOf()).toEqual([rows - 1])
  request.computed(1, [], none)
  expect([rowsOf(), request.isDone]).toEqual([[], true])
})
