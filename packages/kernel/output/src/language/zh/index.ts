/** Everything in Chinese (simplified). docs/zh/glossary.md has the terms. */

import type { Words } from '../words.ts'
import { errors } from './errors/index.ts'
import { help } from './help/index.ts'
import { made } from './made/index.ts'
import { lines } from './run/index.ts'

export const chinese: Words = { texts: { ...help, ...lines }, made, errors }
