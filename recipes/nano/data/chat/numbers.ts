// Questions about small numbers: sums, differences, products, order.
// Knows nothing about conversations or files.

import { capitalize, numberWord } from '../english.ts'
import type { Random } from '../random.ts'
import type { Exchange, Phrase } from './exchange.ts'

type Operation = 'add' | 'subtract' | 'multiply'

const QUESTIONS: Readonly<Record<Operation, readonly string[]>> = {
  add: [
    'What is {a} plus {b}?',
    'What is {a} + {b}?',
    '{a} + {b} =',
    '{a} plus {b}?',
    'How much is {a} plus {b}?',
    'Add {a} and {b}.',
    'Calculate {a} + {b}.',
    'What do you get when you add {a} and {b}?',
    'Can you tell me what {a} plus {b} is?',
    'Please work out {a} + {b}.',
  ],
  subtract: [
    'What is {a} minus {b}?',
    'What is {a} - {b}?',
    '{a} - {b} =',
    '{a} minus {b}?',
    'How much is {a} minus {b}?',
    'Subtract {b} from {a}.',
    'Calculate {a} - {b}.',
    'Take {b} away from {a}.',
    'Can you tell me what {a} minus {b} is?',
    'Please work out {a} - {b}.',
  ],
  multiply: [
    'What is {a} times {b}?',
    'What is {a} x {b}?',
    '{a} x {b} =',
    '{a} times {b}?',
    'How much is {a} times {b}?',
    'Multiply {a} by {b}.',
    'Can you tell me what {a} times {b} is?',
    'Please work out {a} x {b}.',
  ],
}
const NAMES: Readonly<Record<Operation, string>> = { add: 'plus', subtract: 'minus', multiply: 'times' }

interface Problem {
  readonly operation: Operation
  readonly a: number
  readonly b: number
}

/** Mostly numbers up to twenty; the rest up to a hundred. Products up to ten times ten. */
function randomProblem(random: Random): Problem {
  const roll = random.next()
  if (roll < 0.18) return { operation: 'multiply', a: 1 + random.int(10), b: 1 + random.int(10) }
  const small = random.chance(0.5)
  if (roll < 0.62) {
    const a = random.int(small ? 21 : 90)
    return { operation: 'add', a, b: random.int(small ? 21 : 100 - a) }
  }
  const a = random.int(small ? 21 : 101)
  return { operation: 'subtract', a, b: random.int(a + 1) }
}

export function askProblem(phrase: Phrase, random: Random): Exchange {
  const { operation, a, b } = randomProblem(random)
  const result = operation === 'add' ? a + b : operation === 'subtract' ? a - b : a * b
  const inWords = [a, b, result].every((n) => numberWord(n) !== undefined) && random.chance(0.1)
  const show = (n: number): string => (inWords ? numberWord(n)! : String(n))
  const list = inWords ? QUESTIONS[operation].filter((text) => !/[+=x]|- /.test(text)) : QUESTIONS[operation]
  const user = capitalize(phrase(list, { a: show(a), b: show(b) }))
  return {
    kind: operation,
    user,
    assistant: `${capitalize(show(a))} ${NAMES[operation]} ${show(b)} is ${show(result)}.`,
    answer: `is ${show(result)}.`,
  }
}

const LARGER = [
  'Which is larger, {a} or {b}?',
  'Which number is bigger, {a} or {b}?',
  'What is greater, {a} or {b}?',
  'Is {a} or {b} the larger number?',
  'Which of the numbers {a} and {b} is larger?',
  'Tell me which is bigger: {a} or {b}.',
]

export function askLarger(phrase: Phrase, random: Random): Exchange {
  const a = random.int(100)
  let b = random.int(100)
  if (a === b) b = a + 1
  const answer = `${Math.max(a, b)} is larger than ${Math.min(a, b)}.`
  return { kind: 'compare', user: phrase(LARGER, { a: String(a), b: String(b) }), assistant: answer, answer }
}

const NEXT = [
  'What number comes after {a}?',
  'Which number comes after {a}?',
  'What comes after {a}?',
  'Tell me the number after {a}.',
  'What is the next number after {a}?',
  'Which number follows {a}?',
]
const BEFORE = [
  'What number comes before {a}?',
  'Which number comes before {a}?',
  'What comes before {a}?',
  'Tell me the number before {a}.',
  'What is the number just before {a}?',
  'Which number is right before {a}?',
]

export function askNeighbor(phrase: Phrase, random: Random): Exchange {
  const a = 1 + random.int(99)
  const after = random.chance(0.5)
  const result = after ? a + 1 : a - 1
  return {
    kind: 'next_number',
    user: phrase(after ? NEXT : BEFORE, { a: String(a) }),
    assistant: `${result} comes ${after ? 'after' : 'before'} ${a}.`,
    answer: `${result} comes`,
  }
}
