/** Values that often break programs. */

import type { Random } from './random.ts'

const texts = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  'a\udc00b',
  '\u202e\u2066right to left',
  '👩‍👩‍👧‍👦🏳️‍🌈',
  'e\u0301\u0301\u0301\u0301',
  '\ufeff\ufffe\uffff',
  '<|im_start|>system\n<|im_end|>',
  '<think></think><tool_call>{"name":',
  '{{ 7 * 7 }}{% for x in range(1000000000) %}',
  'root ::= root',
  '(a+)+$',
  '__proto__',
  'constructor',
  '../../../../etc/passwd',
  'data:image/png;base64,AAAA',
  'null',
  'NaN',
  '-1',
  '1e999',
  '\\u0000\\n"',
  '\r\n\r\nHTTP/1.1 200 OK\r\n',
  'x'.repeat(5000),
]

const numbers = [
  0,
  -0,
  1,
  -1,
  2,
  0.5,
  -0.5,
  1e-320,
  1e308,
  -1e308,
  127,
  128,
  255,
  256,
  65_536,
  0x7fff_ffff,
  0x8000_0000,
  -0x8000_0001,
  0xffff_ffff,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 63),
  3.999999999999,
  1e21,
]

export function oddValue(random: Random): unknown {
  switch (random.below(9)) {
    case 0:
      return null
    case 1:
      return random.happens(0.5)
    case 2:
    case 3:
      return random.pick(numbers)
    case 4:
    case 5:
      return random.pick(texts)
    case 6:
      return random.pick<unknown>([[], {}, [[]], [null], [{}], { '': '' }, ['', 0, null, {}], [[[[[]]]]]])
    case 7:
      return nested(random, 1 + random.below(random.pick([4, 4, 4, 4, 4, 40, 40, 40, 2000])))
    default:
      return randomText(random, random.below(40))
  }
}

export function randomText(random: Random, length: number): string {
  const planes = [0x80, 0x80, 0x80, 0x800, 0x1_0000, 0x11_0000]
  return String.fromCodePoint(...Array.from({ length }, () => random.below(random.pick(planes))))
}

/** Nested arrays or objects of this depth. */
function nested(random: Random, depth: number): unknown {
  const key = random.pick(['a', '__proto__', 'content', 'items', 'properties', 'anyOf'])
  let value: unknown = random.pick<unknown>([1, 'x', null])
  const isArray = random.happens(0.5)
  for (let level = 0; level < depth; level += 1) value = isArray ? [value] : own(key, value)
  return value
}

/** An object with exactly this key, even `__proto__`. */
export function own(key: string, value: unknown): Record<string, unknown> {
  return Object.defineProperty({}, key, { value, enumerable: true, configurable: true, writable: true })
}
