/**
 * Bundles `hadal serve` and the engine process into one file each, next to the modules in `dist`: services start from these in a third of
 * the time. `packages/kernel/base/src/load-bundle.ts` loads them.
 */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

const programs = [
  { entry: 'packages/apps/cli/dist/main.js', file: 'packages/apps/cli/dist/serve.bundle.cjs' },
  {
    entry: 'packages/serving/engine/dist/llama/process/main.js',
    file: 'packages/serving/engine/dist/llama/process/main.bundle.cjs',
  },
]
/** Looked up at run time, by the package that declares them. */
const external = ['koffi', 'jiti', 'tsx', 'better-sqlite3', 'pg', 'undici', 'kysely', 'sharp']
/** Packages required only by dependencies, and loaded on demand. */
const requiredBy = { undici: '@hadal/upstream', kysely: '@hadal/accounts' }

/** A module's own URL, which bundling loses, is restored from its package and path. */
const prelude = `
const __package = (name) => require('node:path').dirname(require.resolve(name + '/package.json'));
const __moduleUrl = (name, file) =>
  require('node:url').pathToFileURL(require('node:path').join(__package(name), file)).href;
const __requireOf = (name, wanted) => require('node:module').createRequire(__package(name) + '/')(wanted);
const __importOf = (name, wanted) =>
  import(require('node:url').pathToFileURL(require('node:module').createRequire(__package(name) + '/').resolve(wanted)).href);
`

const addresses = {
  name: 'addresses',
  setup({ onLoad, onResolve }) {
    // Other commands run unbundled: modules they load for users must share these.
    onResolve({ filter: /^\.\/commands\// }, ({ path }) =>
      path === './commands/serve.js' ? undefined : { path, external: true },
    )
    // Dictionaries are loaded on demand.
    onResolve({ filter: /^\.\/zh\/index\.js$/ }, () => ({ path: '@hadal/output/zh', external: true }))
    onLoad({ filter: /[\\/]packages[\\/][^\\/]+[\\/][^\\/]+[\\/]dist[\\/].*\.js$/ }, ({ path }) => {
      const folder = packageFolder(path)
      const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      const file = relative(folder, path).split(sep).join('/')
      const address = `__moduleUrl(${JSON.stringify(name)}, ${JSON.stringify(file)})`
      const contents = readFileSync(path, 'utf8')
        .replaceAll(/\bimport\.meta\.url\b/g, address)
        .replaceAll(/\bimport\.meta\.resolve\b/g, 'require.resolve')
        .replaceAll(
          /\bimport\('(jiti|better-sqlite3|pg|sharp)'\)/g,
          (_, wanted) => `__importOf(${JSON.stringify(name)}, '${wanted}')`,
        )
      return { contents, loader: 'js' }
    })
  },
}
for (const { entry, file } of programs) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external,
    banner: { js: prelude },
    plugins: [addresses],
    logLevel: 'error',
    legalComments: 'none',
    charset: 'ascii',
    minifyWhitespace: true,
    minifySyntax: true,
    write: false,
  })
  const text = outputFiles[0].text.replaceAll(/\brequire\("([\w-]+)"\)/g, (all, wanted) =>
    wanted in requiredBy ? `__requireOf("${requiredBy[wanted]}","${wanted}")` : all,
  )
  // Code from V8's cache cannot use dynamic import, so the loader does it. Methods of that name are left alone.
  writeFileSync(join(root, file), text.replaceAll(/(?<!\.)\bimport\(/g, '__import('))
  const folder = join(root, dirname(file))
  const isOfOld = (name) => name.startsWith(`${basename(file)}.`)
  for (const name of readdirSync(folder).filter(isOfOld)) rmSync(join(folder, name))
}

/** The one that a module in its `dist` belongs to. */
function packageFolder(path) {
  return path.slice(0, path.lastIndexOf(`${sep}dist${sep}`))
}
