import { expect, it } from 'vitest'
import { takeNsysFlag } from './nsys-flag.ts'

it('takes the flag away, but not from what is behind --', () => {
  expect(takeNsysFlag(['--dry-run', '--nsys', '--', '--nsys'])).toEqual({
    isRequested: true,
    rest: ['--dry-run', '--', '--nsys'],
  })
  expect(takeNsysFlag(['--', '--nsys'])).toEqual({ isRequested: false, rest: ['--', '--nsys'] })
  expect(takeNsysFlag([])).toEqual({ isRequested: false, rest: [] })
})
