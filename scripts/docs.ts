/** `npm run docs` writes the generated pages of `docs/`, and the generated table of README.md; with `--check` it only says which are out of date. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { configReferencePage, serviceSettings, trainingSettingsPage } from '@hadal/config'
import { runbooks } from '@hadal/fleet'
import { causesPage } from './causes-page.ts'
import { doctorChecksPage } from './doctor-checks-page.ts'
import { errorsPage } from './errors-page.ts'
import { lintRulesPage } from './lint-rules-page.ts'
import { metricsPage } from './metrics-page.ts'
import { readmeWithTable } from './proven-table.ts'
import { withReliabilityTables } from './reliability-tables.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const pages: Readonly<Record<string, () => Promise<string>>> = {
  'README.md': async () =>
    readmeWithTable(readFileSync(join(root, 'README.md'), 'utf8'), join(root, 'bench/reports')),
  'docs/causes.md': causesPage,
  'docs/config.md': async () => configReferencePage(serviceSettings),
  'docs/doctor-checks.md': async () => doctorChecksPage(),
  'docs/errors.md': errorsPage,
  'docs/lint-rules.md': lintRulesPage,
  'docs/metrics.md': metricsPage,
  'docs/reliability.md': async () =>
    withReliabilityTables(
      readFileSync(join(root, 'docs/reliability.md'), 'utf8'),
      join(root, 'bench/reports'),
    ),
  'docs/training-settings.md': async () => trainingSettingsPage(),
  ...Object.fromEntries(runbooks().map(({ path, text }) => [`docs/${path}`, async () => text])),
}

const stale: string[] = []
for (const [path, render] of Object.entries(pages)) {
  const text = await render()
  const file = join(root, path)
  if (read(file) === text) continue
  if (process.argv.includes('--check')) stale.push(path)
  else {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}
if (stale.length > 0) {
  console.log(`Out of date: ${stale.join(', ')}. Run: npm run docs`)
  process.exitCode = 1
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
