import { defineConfig } from 'vitest/config'

// Packages export their TypeScript under this condition, so tests need no build.
const conditions = ['@hadal/source']
const source = { resolve: { conditions }, ssr: { resolve: { conditions } } }

const project = (name: string, include: string[], testTimeout: number, isolate = true) => ({
  ...source,
  test: { name, include, testTimeout, hookTimeout: 120_000, pool: 'forks' as const, isolate },
})

// Their tests leave nothing behind in the process, so that files may share one: loading them takes longer than running them.
const pure = 'batching|chat|doctor|fleet|formats|grammar|privacy|profiling|protocol'

export default defineConfig({
  ...source,
  test: {
    maxWorkers: 2,
    projects: [
      project(
        'unit',
        [`packages/!(${pure})/src/**/*.test.ts`, 'recipes/**/*.test.ts', 'scripts/**/*.test.ts'],
        30_000,
      ),
      project('pure', [`packages/@(${pure})/src/**/*.test.ts`], 30_000, false),
      project('contract', ['packages/*/test/**/*.test.ts'], 120_000),
      project('docs', ['tests/docs/**/*.test.ts'], 120_000),
      project('e2e', ['tests/e2e/**/*.test.ts'], 300_000),
    ],
  },
})
