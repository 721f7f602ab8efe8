/** The files of a recipe as they go into a cluster: of a file that one, of a folder all but tests, hidden ones, keys and installed packages. */

import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import type { RecipeSource } from '@hadal/fleet'
import { recipeFile } from '@hadal/launch'

/** Throws `recipe_not_found`. */
export function readRecipe(recipe: string, folder: string): RecipeSource {
  const main = recipeFile(recipe, folder)
  const given = join(folder, recipe)
  const isFolder = main !== given && main !== recipe && statSync(dirname(main)).isDirectory()
  if (!isFolder)
    return {
      kind: 'files',
      main: basename(main),
      files: [{ path: basename(main), bytes: readFileSync(main) }],
    }
  const root = dirname(main)
  return {
    kind: 'files',
    main: '.',
    files: filesBelow(root).map((path) => ({
      path: relative(root, path).split(sep).join('/'),
      bytes: readFileSync(path),
    })),
  }
}

/** The recipe's name: its folder's, or its file's. */
export function recipeName(recipe: string): string {
  const name = basename(recipe.replace(/\/+$/, '')).replace(/\.[cm]?[jt]s$/, '')
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  return (
    plain
      .replace(/^[^a-z]+/, '')
      .slice(0, 40)
      .replace(/-+$/, '') || 'run'
  )
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter(isPart)
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? filesBelow(path) : [path]
    })

const isPart = (entry: Dirent): boolean =>
  !entry.name.startsWith('.') &&
  entry.name !== 'node_modules' &&
  !/\.test\.[cm]?[jt]s$/.test(entry.name) &&
  // A ConfigMap is read by many.
  !/\.(env|pem|key|p12|pfx)$|^(kubeconfig|credentials\.json)$/i.test(entry.name) &&
  (entry.isDirectory() || entry.isFile())
