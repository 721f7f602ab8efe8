/**
 * Golden test of rendered services against tests/golden/deploy/NAME/rendered, which were reviewed. Excludes derived files (all.yaml,
 * monitoring/rules) and files common to all services (dashboards, runbooks). `UPDATE_GOLDEN=1` rewrites them.
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deploymentFiles, loadDeployment } from '@hadal/cluster'
import type { RenderedFile } from '@hadal/fleet'
import { expect, it } from 'vitest'
import { recordingTerminal } from './recording-terminal.ts'

const golden = fileURLToPath(new URL('../../../../tests/golden/deploy/', import.meta.url))
const leftOut = /^all\.yaml$|dashboards|^monitoring\/(rules|runbooks)\//

async function rendered(name: string): Promise<readonly RenderedFile[]> {
  const deployment = await loadDeployment({}, recordingTerminal({ folder: join(golden, name) }))
  const files = deploymentFiles(deployment, { config: '../hadal.config.ts' })
  const reasons = deployment.reasons.map(({ what, why }) => `${what}: ${why}\n`).join('')
  return [...files.filter(({ path }) => !leftOut.test(path)), { path: 'reasons.txt', text: reasons }]
}

function read(folder: string): readonly RenderedFile[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  return paths.map((path) => ({ path: relative(folder, path), text: readFileSync(path, 'utf8') }))
}

const byPath = (files: readonly RenderedFile[]): Record<string, string> =>
  Object.fromEntries(files.map(({ path, text }) => [path, text]))

it.each(['laptop', 'gpu-node', 'vllm-8gpu'])('%s is rendered as it was read', async (name) => {
  const folder = join(golden, name, 'rendered')
  const files = await rendered(name)
  if (process.env.UPDATE_GOLDEN === '1') {
    rmSync(folder, { recursive: true, force: true })
    for (const { path, text } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
  }
  expect(byPath(files)).toEqual(byPath(read(folder)))
})
