import { expect, test } from 'vitest'
import { uncaughtErrors } from './uncaught-errors.ts'

const linesOf = (text: string) => text.split('\n').map((line) => ({ text: line, raw: line }))

test('the error of a report that Node ends with is found, not the code before it', () => {
  expect(
    uncaughtErrors(
      linesOf(
        "/app/a.js:3\n    throw new Error('no key')\n    ^\n\nError: no key\n    at main (/app/a.js:3:11)\n    at node:internal/main:1:1\n\nNode.js v20.20.2",
      ),
    ),
  ).toEqual([{ from: 4, to: 4, figures: { error: 'Error: no key' } }])
})

test('an error that is only logged is none, nor is a version', () => {
  expect(uncaughtErrors(linesOf('Error: timed out, trying again\nNode.js v20.20.2'))).toEqual([])
  expect(uncaughtErrors(linesOf('Node.js v22.1.0\nserver listening'))).toEqual([])
})

test('what a program itself calls uncaught counts', () => {
  expect(uncaughtErrors(linesOf('fatal: uncaught exception: TypeError: x is not a function'))).toEqual([
    { from: 0, to: 0, figures: { error: 'TypeError: x is not a function' } },
  ])
})
