import { defineConfig } from 'vitest/config'

// Packages export their TypeScript under this condition, so tests need no build.
const conditions = ['@hadal/source']
const source = { resolve: { conditions }, ssr: { resolve: { conditions } } }

const project = (name: string, include: string[], testTimeout: number) => ({
  ...source,
  test: { name, include, testTimeout, hookTimeout: 120_000, pool: 'forks' as const },
})

export default defineConfig({
  ...source,
  test: {
    maxWorkers: 2,
    projects: [
      project(
        'unit',
        ['packages/*/src/**/*.test.ts', 'recipes/**/*.test.ts', 'scripts/**/*.test.ts'],
        30_000,
      ),
      project('contract', ['packages/*/test/**/*.test.ts'], 120_000),
      project('e2e', ['tests/e2e/**/*.test.ts'], 300_000),
    ],
  },
})
