/**
 * Loaded into every process and thread of a program by `node --import`: whenever a file `take-N` appears in the folder that
 * DEPTH_FOLDER names, writes the URLs of the modules that have run a function since the last time.
 */

import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { threadId } from 'node:worker_threads'

const folder = process.env.DEPTH_FOLDER
const session = new Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })

writeFileSync(`${folder}/thread-${process.pid}-${threadId}`, '')
let next = 0
setInterval(async () => {
  if (!existsSync(`${folder}/take-${next}`)) return
  const take = next
  next += 1
  const { result } = await session.post('Profiler.takePreciseCoverage')
  const urls = result.filter(({ functions }) => functions.some(hasRun)).map(({ url }) => url)
  const file = `${folder}/${take}-${process.pid}-${threadId}`
  writeFileSync(`${file}.part`, JSON.stringify(urls))
  renameSync(`${file}.part`, `${file}.json`)
}, 20).unref()

/** The first function of a module is its top level, which runs when it is imported. */
const hasRun = ({ functionName, ranges: [range] }) =>
  range.count > 0 && !(functionName === '' && range.startOffset === 0)
