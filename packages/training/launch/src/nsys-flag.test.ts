import { expect, it } from 'vitest'
import { takeNsysFlag } from './nsys-flag.ts'

it('takes the flag away, but not from what is behind --', () => {
  expect(takeNsysFlag(['--dry-run', '--nsys', '--', '--nsys'])).toEqual({
    isAsked: true,
    rest: ['--dry-run', '--', '--nsys'],
  })
  expect(takeNsysFlag(['--', '--nsys'])).toEqual({ isAsked: false, rest: ['--', '--nsys'] })
  expect(takeNsysFlag([])).toEqual({ isAsked: false, rest: [] })
})
