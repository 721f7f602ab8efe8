/**
 * Runs tests against sources of which one may be mutated, in a process of its own: a mutant that never ends is stopped by
 * ending the process. Files stay as they are; Vite serves the mutated text in place of the file's.
 */

import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'
import { createVitest } from 'vitest/node'
import type { TestRequest, TestResponse } from './test-runner.ts'

let request: TestRequest | undefined

const mutating: Plugin = {
  name: 'mutating',
  enforce: 'pre',
  load: (id) => (id === request?.mutated?.path ? request.mutated.text : undefined),
  transform(code, id) {
    // Properties draw the same values for every mutant, and do not look for the simplest failure.
    if (!id.endsWith('.test.ts') || !code.includes("'fast-check'")) return undefined
    const seeded = `import { configureGlobal } from 'fast-check'\nconfigureGlobal({ seed: 1, endOnFailure: true })`
    return { code: `${code}\n${seeded}\n`, map: null }
  },
}

// Packages are read from their sources, whatever the configuration of the repository says.
const conditions = ['@hadal/source']
const vitest = await createVitest(
  'test',
  {
    config: false,
    root: fileURLToPath(new URL('../..', import.meta.url)),
    watch: false,
    bail: 1,
    // Threads end with this process.
    pool: 'threads',
    maxWorkers: 1,
    testTimeout: 30_000,
    reporters: [{}],
  },
  {
    logLevel: 'silent',
    plugins: [mutating],
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    server: { watch: null },
  },
)

process.on('message', async (message: TestRequest) => {
  const before = request?.mutated?.path
  request = message
  for (const path of [before, message.mutated?.path]) if (path !== undefined) vitest.invalidateFile(path)
  process.send!(await run(message.test))
})
process.once('disconnect', () => process.exit())
process.send!('ready')

async function run(test: string): Promise<TestResponse> {
  const startedAt = performance.now()
  try {
    // Results of the run before would be among those of this one.
    vitest.state.filesMap.clear()
    vitest.state.idMap.clear()
    const specification = vitest.getRootProject().createSpecification(test)
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications([specification])
    const failed = testModules.filter((module) => !module.ok())
    const passes = failed.length === 0 && unhandledErrors.length === 0 && testModules.length > 0
    const errors = [...failed.flatMap(errorsOf), ...unhandledErrors.map(String)]
    return { passes, millis: performance.now() - startedAt, error: errors[0] ?? '' }
  } catch (error) {
    return { passes: false, millis: performance.now() - startedAt, error: String(error) }
  }
}

type TestModule = Awaited<ReturnType<typeof vitest.runTestSpecifications>>['testModules'][number]

function errorsOf(module: TestModule): string[] {
  const failed = [...module.children.allTests('failed')]
  return [
    ...failed.map((test) => `${test.fullName}: ${test.result().errors?.[0]?.message}`),
    ...module.errors().map(({ message }) => message),
  ]
}
