/** Begins the engine's process: from the one file that the build made of it, else from its modules. */

import { loadBundle } from '@hadal/base/load-bundle'

const beside = (path: string): URL => new URL(path, import.meta.url)
const bundle = loadBundle(
  beside('./main.bundle.cjs'),
  beside('../../.tsbuildinfo'),
  (specifier) => import(specifier),
)
if (bundle === undefined) await import('./main.ts')
