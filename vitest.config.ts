import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Packages export their TypeScript under this condition, so tests need no build.
const conditions = ['@hadal/source']
const source = { resolve: { conditions }, ssr: { resolve: { conditions } } }

const project = (
  name: string,
  include: readonly string[],
  testTimeout: number,
  { isolate = true, exclude = [] }: { isolate?: boolean; exclude?: readonly string[] } = {},
) => ({
  ...source,
  test: {
    name,
    include: [...include],
    exclude: ['**/node_modules/**', ...exclude],
    testTimeout,
    hookTimeout: 120_000,
    pool: 'forks' as const,
    isolate,
  },
})

// Test files share a process where they leave nothing behind, for loading takes longer than running. Not so where they change the process, as
// many of these packages do, or its modules or errors.
const alone = 'engine|tensor|train'
const together = 'batching|chat|doctor|fleet|formats|grammar|guard|images|privacy|profiling|server|upstream'
const packages = fileURLToPath(new URL('packages', import.meta.url))
const changing = readdirSync(packages).flatMap((name) =>
  readdirSync(join(packages, name, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join('packages', name, 'src', file))
    .filter((file) =>
      /\bvi\.(mock|doMock)\(|\bdefineError\(/.test(readFileSync(join(packages, '..', file), 'utf8')),
    ),
)

export default defineConfig({
  ...source,
  test: {
    maxWorkers: 2,
    projects: [
      project(
        'unit',
        [
          `packages/@(${alone})/src/**/*.test.ts`,
          'recipes/**/*.test.ts',
          'scripts/**/*.test.ts',
          ...changing,
        ],
        30_000,
      ),
      project('shared', [`packages/!(${alone})/src/**/*.test.ts`], 30_000, {
        isolate: false,
        exclude: changing,
      }),
      project('contract', [`packages/!(${together})/test/**/*.test.ts`], 120_000),
      project('shared-contract', [`packages/@(${together})/test/**/*.test.ts`], 120_000, { isolate: false }),
      project('docs', ['tests/docs/**/*.test.ts'], 120_000),
      project('e2e', ['tests/e2e/**/*.test.ts'], 300_000),
    ],
  },
})
