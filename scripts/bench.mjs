/** `npm run bench <topic>`: runs `bench/<topic>/run.ts`. Without a topic, lists them. */

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { buildPackages, fail, installPackages, root, run } from './prepare.mjs'

const topics = readdirSync(join(root, 'bench')).filter((name) =>
  existsSync(join(root, 'bench', name, 'run.ts')),
)
const [topic, ...rest] = process.argv.slice(2)
if (!topic) {
  console.log(`Topics: ${topics.join(', ')}\nRun one with: npm run bench <topic>`)
  process.exit(0)
}
if (!topics.includes(topic)) fail(`there is no benchmark "${topic}"`, `Topics: ${topics.join(', ')}`)
installPackages()
buildPackages()
run(process.execPath, [
  '--conditions=@hadal/source',
  '--import',
  'tsx',
  join('bench', topic, 'run.ts'),
  ...rest,
])
