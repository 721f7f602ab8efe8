import { defineConfig } from 'vitest/config'

// Packages export their TypeScript under this condition, so tests need no build.
const conditions = ['@hadal/source']
const source = { resolve: { conditions }, ssr: { resolve: { conditions } } }

const project = (name: string, include: string[], testTimeout: number, isolate = true) => ({
  ...source,
  test: { name, include, testTimeout, hookTimeout: 120_000, pool: 'forks' as const, isolate },
})

// Their tests load what others see of the process, or change it: each file has one of its own. All others share one, for loading takes longer than running.
const alone = 'engine|tensor|train'
const together = 'batching|chat|doctor|fleet|formats|grammar|guard|images|privacy|profiling|server|upstream'

export default defineConfig({
  ...source,
  test: {
    maxWorkers: 2,
    projects: [
      project(
        'unit',
        [`packages/@(${alone})/src/**/*.test.ts`, 'recipes/**/*.test.ts', 'scripts/**/*.test.ts'],
        30_000,
      ),
      project('shared', [`packages/!(${alone})/src/**/*.test.ts`], 30_000, false),
      project('contract', [`packages/!(${together})/test/**/*.test.ts`], 120_000),
      project('shared-contract', [`packages/@(${together})/test/**/*.test.ts`], 120_000, false),
      project('docs', ['tests/docs/**/*.test.ts'], 120_000),
      project('e2e', ['tests/e2e/**/*.test.ts'], 300_000),
    ],
  },
})
