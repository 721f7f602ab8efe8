import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { packageFolders } from './scripts/package-folders.mjs'
// @ts-expect-error Plain JavaScript, as everything that prepares tests.
import LongestFirst from './scripts/test-sequencer.mjs'

// Packages import each other's `dist`, as users do: `npm test` builds it first. Node loads it as it is, so that neither a test
// nor a program that a test starts waits for TypeScript. A package's own unit tests import its source.
const fromDist = { server: { deps: { external: [/\/packages\/[^/]+\/[^/]+\/dist\//] } } }

// These only end a test that hangs: no test depends on them, and a busy machine must not reach them.
const limits = { testTimeout: 900_000, hookTimeout: 900_000, expect: { poll: { timeout: 300_000 } } }

const project = (
  name: string,
  include: readonly string[],
  { isolate = true, exclude = [] }: { isolate?: boolean; exclude?: readonly string[] } = {},
) => ({
  test: {
    chaiConfig: { truncateThreshold: 0 },
    name,
    include: [...include],
    exclude: ['**/node_modules/**', ...exclude],
    ...limits,
    ...fromDist,
    pool: 'forks' as const,
    isolate,
  },
})

// Test files share a process where they leave nothing behind, for loading takes longer than running. Not so where they change the
// process or its modules or errors: `changing` and the tests of packages that load native code or start processes. Helpers of such
// tests keep folders and processes for the file that imports them, and `fetch` of a process that loads undici is undici's.
const native = 'accounts|cli|console|engine|nn|tensor|train'
const root = fileURLToPath(new URL('.', import.meta.url))
const changing = packageFolders().flatMap((folder) =>
  readdirSync(join(root, folder, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join(folder, 'src', file))
    .filter((file) =>
      /\bvi\.(mock|doMock)\(|\bdefineError\(|_resolveFilename/.test(readFileSync(join(root, file), 'utf8')),
    ),
)

export default defineConfig({
  test: {
    chaiConfig: { truncateThreshold: 0 },
    // Many tests wait for processes that they start: more workers than cores keep the cores busy.
    maxWorkers: availableParallelism() + 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      project('unit', ['recipes/**/*.test.ts', 'scripts/**/*.test.ts', ...changing]),
      project('shared', ['packages/*/*/src/**/*.test.ts'], { isolate: false, exclude: changing }),
      project('contract', [`packages/*/@(${native})/test/**/*.test.ts`]),
      project('shared-contract', [`packages/*/!(${native})/test/**/*.test.ts`], { isolate: false }),
      project('docs', ['tests/docs/**/*.test.ts']),
      project('e2e', ['tests/e2e/**/*.test.ts']),
    ],
  },
})
