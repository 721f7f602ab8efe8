import { expect, test } from 'vitest'
import { hadalErrors } from './hadal-errors.ts'

const linesOf = (text: string) => text.split('\n').map((line) => ({ text: line, raw: line }))

test('an error of Hadal is read with its code and its own help', () => {
  expect(
    hadalErrors(
      linesOf(
        'starting\nerror[config_invalid]: 1 setting is wrong\n  port: 0\nhelp: See docs/config.md.\nbye',
      ),
    ),
  ).toEqual([
    {
      from: 1,
      to: 3,
      figures: { code: 'config_invalid', message: '1 setting is wrong', help: 'See docs/config.md.' },
    },
  ])
})

test('the help of the next error is not taken for that of one without', () => {
  const found = hadalErrors(linesOf('error[disk_gone]: a\nerror[port_taken]: b\nhelp: c'))
  expect(found.map(({ figures }) => figures.help)).toEqual([undefined, 'c'])
})

test.each(['error[E0382]: borrow of moved value', 'error[]: x', 'errors[a_b]: x', 'error: [a_b]: x'])(
  'not an error of Hadal: %s',
  (text) => {
    expect(hadalErrors(linesOf(text))).toEqual([])
  },
)
