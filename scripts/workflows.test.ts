/** The workflows of GitHub Actions: everything they run is pinned, and Linux runs on the base image of the product. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '..')
const folder = join(root, '.github/workflows')

interface Job {
  readonly 'timeout-minutes'?: number
  readonly container?: { readonly image: string }
  readonly steps: readonly { readonly uses?: string; readonly with?: Readonly<Record<string, unknown>> }[]
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}

const baseImage = /^FROM (\S+@\S+) AS node-image$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8'))![1]

describe.each(readdirSync(folder))('%s', (file) => {
  const text = readFileSync(join(folder, file), 'utf8')
  const workflow: Workflow = parse(text)
  const jobs = Object.values(workflow.jobs)

  it('pins every action by commit, with its version in a comment', () => {
    const uses = text.split('\n').filter((line) => /^\s*(- )?uses:/.test(line))
    expect(uses).not.toEqual([])
    for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  it('runs containers of the base image of the Dockerfile', () => {
    const images = jobs.flatMap(({ container }) => container?.image ?? [])
    expect(images).not.toEqual([])
    expect(new Set(images)).toEqual(new Set([baseImage]))
  })

  it('can write nothing by default, keeps no credentials in the checkout, and ends', () => {
    expect(Object.values(workflow.permissions)).not.toContain('write')
    for (const job of jobs) {
      expect(job['timeout-minutes']).toBeLessThanOrEqual(240)
      const checkout = job.steps.find(({ uses }) => uses?.startsWith('actions/checkout@'))
      expect(checkout?.with).toMatchObject({ 'persist-credentials': false })
    }
  })
})
