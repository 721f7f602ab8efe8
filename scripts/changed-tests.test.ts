/** Which tests `npm test -- --changed` chooses, over a small tree of files. */

import { describe, expect, it } from 'vitest'
// @ts-expect-error Plain JavaScript, which runs before anything is installed.
import { dependents, nearestFirst, withinBudget } from './changed-tests.mjs'

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
  'packages/serving/chat/test/golden.json': '{}',
  'packages/serving/chat/test/golden.test.ts': `read('golden.json')\n`,
}

const testsOf = (...changed: readonly string[]): readonly string[] => {
  const dependentsOf = dependents(Object.keys(files), (file: string) => files[file])
  return nearestFirst(changed, dependentsOf).filter((file: string) => file.endsWith('.test.ts'))
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

it('as many are chosen as fit into a minute, and always one', () => {
  const durations = { a: 200_000, b: 10, c: 10, d: 200_000 }
  expect(withinBudget(['a', 'b'], durations)).toEqual({ tests: ['a'], left: ['b'] })
  expect(withinBudget(['b', 'c', 'd'], durations)).toEqual({ tests: ['b', 'c'], left: ['d'] })
  expect(withinBudget(['b', 'c'], durations)).toEqual({ tests: ['b', 'c'], left: [] })
})
