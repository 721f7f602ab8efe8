/** Loads the command line: `serve` from the one file that the build made of it, everything else from its modules. */

import { loadBundle } from '@hadal/base/load-bundle'

type Main = typeof import('./main.ts')

const beside = (path: string): URL => new URL(path, import.meta.url)
const bundle = (): Main | undefined =>
  loadBundle(beside('./serve.bundle.cjs'), beside('./.tsbuildinfo'), (specifier) => import(specifier))

export async function loadMain(command: string | undefined): Promise<Main['main']> {
  const main = (command === 'serve' ? bundle() : undefined) ?? (await import('./main.ts'))
  return main.main
}
