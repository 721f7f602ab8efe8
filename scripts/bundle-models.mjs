/**
 * Before `hadal` is packed, copies the models that come with it beside its code, where the installed command looks for them;
 * afterwards (`--remove`) takes them away again, because here they stand in `models/`.
 */

import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './prepare.mjs'

const copy = join(root, 'packages/cli/models')
rmSync(copy, { recursive: true, force: true })
if (!process.argv.includes('--remove')) cpSync(join(root, 'models'), copy, { recursive: true })
