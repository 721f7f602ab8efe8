/**
 * A recipe's files in a ConfigMap, and their paths for ranks. Its name contains a hash of its content, and it never changes: all
 * ranks of a run load the same files, however often they restart. Pure.
 */

import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { Manifest } from '../manifest.ts'
import { recipeIncomplete, recipeTooLarge } from './errors.ts'
import type { RecipeFile, RecipeSource, TrainingPlan } from './training-plan.ts'

/** Below what the image has installed, so that a recipe's imports of `@hadal/train` and its like are found. */
export const recipeFolder = '/opt/hadal/recipe'

/** A ConfigMap holds 1 MiB with everything; some is left for names and labels. */
const maxRecipeBytes = 1_000_000

/** What `hadal train` is given. */
export const recipePath = (recipe: RecipeSource): string =>
  recipe.kind === 'image' ? recipe.path : posix.join(recipeFolder, recipe.main)

/** Throws `deploy_recipe_too_large` and `deploy_recipe_incomplete`. */
export function checkRecipe(files: readonly RecipeFile[]): void {
  const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0)
  const [largest] = [...files].sort((a, b) => b.bytes.length - a.bytes.length)
  if (bytes > maxRecipeBytes)
    throw recipeTooLarge(bytes, maxRecipeBytes, `${largest!.path}, ${largest!.bytes.length} bytes`)
  const missing = missingImports(files)
  if (missing.length > 0) throw recipeIncomplete(missing)
}

/** `run.ts: ./start.ts`, for each relative import of something that is not there. */
function missingImports(files: readonly RecipeFile[]): string[] {
  const paths = new Set(files.map(({ path }) => path))
  const isThere = (path: string): boolean =>
    ['', '.ts', '.js', '.mjs', '/index.ts', '/index.js'].some((end) => paths.has(path + end)) ||
    paths.has(path.replace(/\.js$/, '.ts'))
  return files
    .filter(({ path }) => /\.[cm]?[jt]s$/.test(path))
    .flatMap(({ path, bytes }) =>
      [...new TextDecoder().decode(bytes).matchAll(relativeImport)].flatMap(([, wanted]) =>
        isThere(posix.join(posix.dirname(path), wanted!)) ? [] : [`${path}: ${wanted}`],
      ),
    )
}

const relativeImport = /^[ \t]*(?:import|export)\b(?:[^'"`;]*?\bfrom)?[ \t]*['"](\.\.?\/[^'"]+)['"]/gm

interface RecipeMap {
  readonly name: string
  readonly manifest: Manifest
  /** Keys cannot contain `/`: the volume maps each key to its path. */
  readonly items: readonly { readonly key: string; readonly path: string }[]
}

/** Undefined where the image has the recipe. */
export function recipeMap(
  { recipe, name, namespace }: TrainingPlan,
  labels: Readonly<Record<string, string>>,
): RecipeMap | undefined {
  if (recipe.kind === 'image') return undefined
  const files = [...recipe.files].sort((a, b) => (a.path < b.path ? -1 : 1))
  const hash = createHash('sha256')
  const data: Record<string, string> = {}
  const binaryData: Record<string, string> = {}
  const items = files.map(({ path, bytes }, at) => {
    const key = isKey(path) ? path : `file-${at}.${path.replaceAll(/[^\w.-]/g, '-')}`.slice(0, 253)
    hash.update(`${path}\0${bytes.length}\0`).update(bytes)
    const text = textOf(bytes)
    if (text === undefined) binaryData[key] = Buffer.from(bytes).toString('base64')
    else data[key] = text
    return { key, path }
  })
  const mapName = `${name}-recipe-${hash.digest('hex').slice(0, 8)}`
  return {
    name: mapName,
    items,
    manifest: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: mapName, namespace, labels },
      immutable: true,
      ...(Object.keys(data).length > 0 && { data }),
      ...(Object.keys(binaryData).length > 0 && { binaryData }),
    },
  }
}

/** Those that are made begin with `file-`, and are never another's. */
const isKey = (path: string): boolean =>
  /^[A-Za-z0-9_-][\w.-]{0,252}$/.test(path) && !path.startsWith('file-')

function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}
