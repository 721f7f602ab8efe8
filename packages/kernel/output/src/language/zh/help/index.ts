/** Every help text in Chinese, by the English one. */

import type { Texts } from '../../words.ts'
import { accountsHelp } from './accounts.ts'
import { deployHelp } from './deploy.ts'
import { guardHelp } from './guard.ts'
import { measureHelp } from './measure.ts'
import { modelsHelp } from './models.ts'
import { operateHelp } from './operate.ts'
import { proveHelp } from './prove.ts'
import { scaleHelp } from './scale.ts'
import { serveHelp } from './serve.ts'
import { sharedHelp } from './shared.ts'
import { trainHelp } from './train.ts'

export const help: Texts = {
  ...accountsHelp,
  ...deployHelp,
  ...guardHelp,
  ...measureHelp,
  ...modelsHelp,
  ...operateHelp,
  ...proveHelp,
  ...scaleHelp,
  ...serveHelp,
  ...sharedHelp,
  ...trainHelp,
}
