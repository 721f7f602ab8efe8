/** Which tests `npm test -- --changed` chooses, over a small tree of files. */

import { describe, expect, it } from 'vitest'
// @ts-expect-error Plain JavaScript, which runs before anything is installed.
import { chosen, dependents, testsReachedBy } from './changed-tests.mjs'

const files: Readonly<Record<string, string>> = {
  'packages/kernel/base/package.json': JSON.stringify({
    name: '@hadal/base',
    exports: { '.': { '@hadal/source': './src/index.ts' } },
  }),
  'packages/kernel/base/src/index.ts': `export { median, type Other } from './statistics.ts'\nexport * from './units.ts'\n`,
  'packages/kernel/base/src/statistics.ts': 'export type Other = 0\nexport const median = () => 0\n',
  'packages/kernel/base/src/statistics.test.ts': `import { median } from './statistics.ts'\n`,
  'packages/kernel/base/src/units.ts': 'export function parseBytes() {}\n',
  'packages/serving/chat/src/far.ts': `import { near } from './near.ts'\nexport const far = near\n`,
  'packages/serving/chat/src/near.ts': `import {\n  median,\n  type Other,\n} from '@hadal/base'\nexport const near = median\n`,
  'packages/serving/chat/src/near.test.ts': `import { near } from './near.ts'\n`,
  'packages/serving/chat/test/far.test.ts': `import { far } from '../src/far.ts'\n`,
  'packages/serving/chat/test/bytes.test.ts': `import { parseBytes } from '@hadal/base'\n`,
  'packages/serving/chat/src/process/main.ts': 'process.exit()\n',
  'packages/serving/chat/test/program.test.ts': `programEntry(import.meta.url, '../src/process/main')\n`,
  'packages/serving/chat/test/built.test.ts': `spawn('packages/serving/chat/dist/process/main.js')\n`,
  'packages/serving/chat/test/comment.test.ts': `// Not '../src/process/main'.\nimport { units } from '../src/units.ts'\n`,
  'packages/serving/chat/test/golden.json': '{}',
  'packages/serving/chat/test/golden.test.ts': `read('golden.json')\n`,
}

const testsOf = (...changed: readonly string[]): readonly string[] => {
  const paths = Object.keys(files)
  return testsReachedBy(
    changed,
    dependents(paths, (file: string) => files[file]),
    paths,
  )
}

describe('a change reaches', () => {
  it('those that import what a file defines, through an index, the nearest first', () => {
    expect(testsOf('packages/kernel/base/src/statistics.ts')).toEqual([
      'packages/kernel/base/src/statistics.test.ts',
      'packages/serving/chat/src/near.test.ts',
      'packages/serving/chat/test/far.test.ts',
    ])
    expect(testsOf('packages/kernel/base/src/units.ts')).toEqual(['packages/serving/chat/test/bytes.test.ts'])
  })

  it('those that start a program, and those that name a data file', () => {
    expect(testsOf('packages/serving/chat/src/process/main.ts')).toEqual([
      'packages/serving/chat/test/program.test.ts',
      'packages/serving/chat/test/built.test.ts',
    ])
    expect(testsOf('packages/serving/chat/test/golden.json')).toEqual([
      'packages/serving/chat/test/golden.test.ts',
    ])
  })

  it('a test itself', () => {
    expect(testsOf('packages/serving/chat/test/bytes.test.ts')).toEqual([
      'packages/serving/chat/test/bytes.test.ts',
    ])
  })
})

describe('all are reached', () => {
  const all = Object.keys(files).filter((file) => file.endsWith('.test.ts'))

  it.each([
    'vitest.config.ts',
    'tsconfig.base.json',
    'packages/kernel/base/tsconfig.json',
    'package-lock.json',
  ])('by %s', (file) => expect([...testsOf(file)].sort()).toEqual([...all].sort()))
})

it('C++ reaches what uses the module that loads it, and its package', () => {
  const tree: Readonly<Record<string, string>> = {
    'packages/training/tensor/native/tensors.cc': '',
    'packages/training/tensor/src/native.ts': 'export const native = 0\n',
    'packages/training/nn/test/layers.test.ts': `import { native } from '../../tensor/src/native.ts'\n`,
    'packages/serving/chat/test/chat.test.ts': '',
  }
  const paths = Object.keys(tree)
  const dependentsOf = dependents(paths, (file: string) => tree[file])
  expect(testsReachedBy(['packages/training/tensor/native/tensors.cc'], dependentsOf, paths)).toEqual([
    'packages/training/nn/test/layers.test.ts',
  ])
})

describe('of the tests that a change reaches', () => {
  const durations = { slow: 100_000, slower: 200_000, fast: 10, other: 10 }

  it('every fast one runs, and slow ones within a minute, the nearest first', () => {
    expect(chosen(['slower', 'fast', 'slow', 'other', 'new'], [], durations)).toEqual({
      tests: ['fast', 'other', 'new'],
      postponed: ['slower', 'slow'],
    })
    expect(chosen(['fast', 'slow', 'other'], [], { ...durations, slow: 20_000 })).toEqual({
      tests: ['fast', 'slow', 'other'],
      postponed: [],
    })
  })

  it('one that changed itself runs, however slow', () => {
    expect(chosen(['slower'], ['slower'], durations)).toEqual({ tests: ['slower'], postponed: [] })
  })

  it('no fast one is dropped, however many', () => {
    const many = Array.from({ length: 5000 }, (_, index) => `test-${index}`)
    expect(chosen(many, [], {}).tests).toHaveLength(5000)
  })
})
