/**
 * `npm run release`: tries a release without publishing: looks for what stands in the way, packs, writes the bill of materials, says the order.
 * `npm run release -- --publish`: publishes those tarballs with provenance. Only a workflow that npm trusts can (`.github/workflows/release.yml`);
 * what is published already is left out, so that a release that broke off goes on.
 */

import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Packed, packAll } from './pack.ts'
import { inOrder, releaseIssues } from './release-plan.ts'
import { writeSbom } from './sbom.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'packed')
const isPublishing = process.argv.includes('--publish')
const repository = process.env.GITHUB_REPOSITORY

const packages = inOrder(packAll(folder, repository))
for (const { name, version, bytes } of packages)
  console.log(`${name}@${version}  ${Math.ceil(bytes / 1024)} KiB`)
const issues = releaseIssues({
  packages,
  isClean: execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' }).trim() === '',
  changesets: readdirSync(join(root, '.changeset')).filter(
    (name) => name.endsWith('.md') && name !== 'README.md',
  ),
  changelog: readFileSync(join(root, 'CHANGELOG.md'), 'utf8'),
  repository,
  hasIdentity: process.env.ACTIONS_ID_TOKEN_REQUEST_URL !== undefined,
  isPublishing,
})
if (issues.length > 0) fail(`no release:\n  - ${issues.join('\n  - ')}`, 'Correct every one listed.')
writeSbom(join(folder, 'sbom.cdx.json'))
if (!isPublishing)
  console.log('\nNothing stands in the way. A workflow publishes: .github/workflows/release.yml')
else for (const each of packages) publish(each)

function publish({ name, version, file }: Packed): void {
  if (npm('view', `${name}@${version}`, 'version').stdout.trim() === version) {
    console.log(`${name}@${version} is published already`)
    return
  }
  const { status, stderr } = npm('publish', file, '--access', 'public', '--provenance')
  if (status !== 0)
    fail(`${name}@${version} was not published: ${stderr}`, 'Run it again: it goes on from there.')
  console.log(`published ${name}@${version}`)
}

function npm(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync('npm', args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' })
}

function fail(message: string, help: string): never {
  console.error(`error: ${message}\nhelp: ${help}`)
  process.exit(1)
}
