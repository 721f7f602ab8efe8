/** What a plan of a deployment is made from alongside the config: how large the files here are, templates, a measured cold start. */

import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isHadalError, messageOf } from '@hadal/base'
import type { Service } from '@hadal/config'
import type { DeploymentFacts } from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import { findBundledModel, readChatTemplate } from '@hadal/service'
import { deployColdStartUnreadable } from './errors.ts'
import { sizeOnDisk } from './size-on-disk.ts'

/** Throws `deploy_cold_start_unreadable`, and `bundled_model_missing` where a plain word names no model that comes with Hadal. */
export async function findFacts(
  service: Service,
  coldStartReport: string | undefined,
  { folder }: Terminal,
): Promise<DeploymentFacts> {
  const locals = service.models.length === 0 ? [service] : service.models.filter((entry) => 'model' in entry)
  const modelBytes: Record<string, number> = {}
  const chatTemplates: Record<string, string> = {}
  for (const { model, chatTemplate } of locals) {
    const bytes = await bytesOf(model, service, folder)
    if (bytes !== undefined) modelBytes[model] = bytes
    const source = templateOf(chatTemplate, folder)
    if (chatTemplate !== undefined && source !== undefined) chatTemplates[chatTemplate] = source
  }
  const coldStart = coldStartReport === undefined ? undefined : await readColdStart(coldStartReport, folder)
  return { modelBytes, chatTemplates, ...(coldStart !== undefined && { coldStart }) }
}

async function bytesOf(model: string, { deploy }: Service, folder: string): Promise<number | undefined> {
  if (/^(hf|https?):/i.test(model)) return undefined
  const isWord = /^[\w-]+$/.test(model)
  if (isWord) return deploy.engine === 'llama' ? (await stat(findBundledModel(model)!.path)).size : undefined
  return sizeOnDisk(resolve(folder, model))
}

/** Undefined if it is not a local file: the plan reports that. */
function templateOf(given: string | undefined, folder: string): string | undefined {
  if (given === undefined || /^[\w.-]+$/.test(given) || /\{[{%]/.test(given)) return undefined
  try {
    return readChatTemplate(resolve(folder, given))
  } catch (thrown) {
    if (isHadalError(thrown)) return undefined
    throw thrown
  }
}

/** The slowest of the starts with everything on, which is how pods start. */
async function readColdStart(
  path: string,
  folder: string,
): Promise<NonNullable<DeploymentFacts['coldStart']>> {
  const text = await readFile(resolve(folder, path), 'utf8').catch((thrown: unknown) => {
    throw deployColdStartUnreadable(path, messageOf(thrown))
  })
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch (thrown) {
    throw deployColdStartUnreadable(path, messageOf(thrown))
  }
  const { model, starts } = (given ?? {}) as { model?: unknown; starts?: { on?: unknown } }
  const times = Array.isArray(starts?.on) ? starts.on.map((start) => start?.readyMillis) : []
  if (typeof model !== 'string' || times.length === 0 || !times.every((millis) => millis > 0))
    throw deployColdStartUnreadable(path, 'it has no starts of a model')
  return { model, millis: Math.max(...times) }
}
