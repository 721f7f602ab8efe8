/** A program that opens an engine, keeps it busy indefinitely, and sends the engine process's pid to its parent. */

import { createLogger } from '@hadal/base'
import { createLlamaEngine } from '@hadal/engine'
import { ask } from './open-engine.ts'

const logger = createLogger((_level, _message, fields) => {
  if (typeof fields.pid === 'number') pid = fields.pid
}, 'debug')
let pid = 0
const engine = createLlamaEngine({ modelPath: process.argv[2]!, threads: 1, logger })
await engine.ready()
for await (const event of engine.generate(ask('endless', { ignoreEos: true }))) {
  if (event.type === 'delta' && pid !== 0) process.send!(pid)
}
