/** What `hadal export` begins with: a Hugging Face folder and an adapter's, or run folders that a recipe has left them in. */

import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { isTowersFolder } from '@hadal/engine'
import { loadTokenizer, readConfigJson, Tokenizer, type TokenRoles } from '@hadal/nn'
import type { Terminal } from '@hadal/output'
import { usage } from '@hadal/output'
import type { ModelFile } from '@hadal/train'
import { exportNoAdapter, exportNoModel, exportTokenizerForeign, exportTwoTowers } from '../errors.ts'

/** Where recipes leave the model of a run, in its folder. */
const places = ['.', 'model', 'hugging-face']

/**
 * Throws `export_no_model`: a run's checkpoints hold weights and neither the model's configuration nor its tokenizer; and
 * `export_two_towers`, and `nn_checkpoint_json_invalid` for a config.json that is none.
 */
export async function modelFolder(given: string): Promise<string> {
  for (const folder of places.map((place) => join(given, place))) {
    if (await isTowersFolder(folder)) throw exportTwoTowers(folder)
    if (!existsSync(join(folder, 'config.json'))) continue
    readConfigJson(folder)
    return folder
  }
  throw exportNoModel(given, existsSync(given))
}

/** Where an export goes. Throws `usage` where that would take the place of one of the folders that are read, or of a file in it. */
export function outPath(
  given: string,
  read: readonly string[],
  { folder }: Pick<Terminal, 'folder'>,
): string {
  const out = resolve(folder, given)
  if (read.includes(out)) throw usage('--out is a folder that is read', 'hadal export')
  if (read.includes(dirname(out)) && /\.(json|safetensors)$/.test(out))
    throw usage(`--out ${given} is among the files that are read`, 'hadal export')
  return out
}

/** Where recipes leave the adapter of a run, in its folder. */
const adapterPlaces = ['.', 'adapter']

/** Throws `export_no_adapter`. */
export function adapterFolder(given: string): string {
  const found = adapterPlaces
    .map((place) => join(given, place))
    .find((folder) => existsSync(join(folder, 'adapter_config.json')))
  if (found === undefined) throw exportNoAdapter(given, existsSync(given))
  return found
}

export const adapterName = (folder: string): string =>
  basename(adapterPlaces.includes(basename(folder)) ? dirname(folder) : folder)

/** A folder named after its place in a run is named after the run. */
export const modelName = (folder: string): string =>
  basename(places.includes(basename(folder)) ? dirname(folder) : folder)

/** All but the model itself. Throws what `loadTokenizer` throws, and `export_tokenizer_foreign`. */
export function readVocabulary(folder: string): Pick<ModelFile, 'tokenizer' | 'chatTemplate' | 'roles'> {
  const { tokenizer, endOfText, bosToken, template } = loadTokenizer(folder)
  if (!(tokenizer instanceof Tokenizer)) throw exportTokenizerForeign(folder)
  const { specialTokens } = tokenizer
  const end = [...specialTokens.keys()].find((token) => specialTokens.get(token) === endOfText)!
  const config = json(join(folder, 'tokenizer_config.json'))
  const pad = text(config.pad_token)
  const roles: TokenRoles = {
    end,
    ...(specialTokens.has(bosToken) && { begin: bosToken, addBegin: addsBegin(folder, bosToken, config) }),
    ...(pad !== undefined && specialTokens.has(pad) && { pad }),
  }
  return { tokenizer, roles, ...(template !== undefined && { chatTemplate: template }) }
}

/** Newer files say it in the last step of tokenizer.json, older ones by a switch. */
function addsBegin(folder: string, begin: string, config: Json): boolean {
  const last = json(join(folder, 'tokenizer.json')).post_processor
  return config.add_bos_token === true || (last !== null && JSON.stringify(last ?? '').includes(begin))
}

type Json = Readonly<Record<string, unknown>>

const json = (path: string): Json =>
  existsSync(path) ? (Object(JSON.parse(readFileSync(path, 'utf8'))) as Json) : {}

const text = (token: unknown): string | undefined => {
  const found = typeof token === 'object' && token !== null ? (token as Json).content : token
  return typeof found === 'string' ? found : undefined
}
