/** Entry point of the engine process: loads the bundled file of a build, otherwise the modules. */

import { loadBundle } from '@hadal/base/load-bundle'

const beside = (path: string): URL => new URL(path, import.meta.url)
const bundle = loadBundle(
  beside('./main.bundle.cjs'),
  beside('../../.tsbuildinfo'),
  (specifier) => import(specifier),
)
if (bundle === undefined) await import('./main.ts')
