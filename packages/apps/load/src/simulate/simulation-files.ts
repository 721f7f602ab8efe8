/** Recorded traffic and fitted costs, read from files and checked. */

import { readFile } from 'node:fs/promises'
import { messageOf } from '@hadal/base'
import type { CostCoefficients, SimulatedRequest, StepCoefficients } from '@hadal/batching'
import { simulationFileInvalid } from '../errors.ts'

/** One request per line, in arrival order. Throws `simulation_file_invalid`. */
export async function readTraffic(path: string): Promise<SimulatedRequest[]> {
  const lines = (await read(path)).split('\n')
  let last = 0
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return []
    const request = parse(line, path, `line ${index + 1}`)
    const issue = issueOf(request, last)
    if (issue !== undefined) throw simulationFileInvalid(path, `line ${index + 1}: ${issue}`)
    last = request.arrivalMillis as number
    return [request as unknown as SimulatedRequest]
  })
}

/** In the format of `hadal tune --costs`. Throws `simulation_file_invalid`. */
export async function readCosts(path: string): Promise<CostCoefficients> {
  const costs = parse(await read(path), path, 'the file')
  const issue =
    coefficientsIssue(costs.step) ?? (costs.pass === undefined ? undefined : coefficientsIssue(costs.pass))
  if (issue !== undefined) throw simulationFileInvalid(path, issue)
  return costs as unknown as CostCoefficients
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw simulationFileInvalid(path, messageOf(cause)).with({ cause })
  })
}

function parse(text: string, path: string, where: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {}
  throw simulationFileInvalid(path, `${where} is no JSON object`)
}

function issueOf(request: Record<string, unknown>, last: number): string | undefined {
  const { arrivalMillis, kind, promptTokens, outputTokens, key, priority, prefix } = request
  const isWhole = (value: unknown, least: number): boolean =>
    Number.isInteger(value) && (value as number) >= least
  if (!(typeof arrivalMillis === 'number' && arrivalMillis >= last))
    return 'arrivalMillis must be a number no less than that of the line before'
  if (kind !== 'generate' && kind !== 'embed') return 'kind must be "generate" or "embed"'
  if (!isWhole(promptTokens, 1)) return 'promptTokens must be a whole number of at least 1'
  if (!isWhole(outputTokens, kind === 'embed' ? 0 : 1))
    return 'outputTokens must be a whole number of at least 1'
  if (key !== undefined && typeof key !== 'string') return 'key must be a text'
  if (priority !== undefined && !Number.isInteger(priority)) return 'priority must be a whole number'
  const { id, tokens } = (prefix ?? { id: '', tokens: 1 }) as Record<string, unknown>
  if (typeof id !== 'string' || !isWhole(tokens, 1)) return 'prefix must have an id and its tokens'
  return undefined
}

const parts = ['perStep', 'perDecodeToken', 'perPrefillToken', 'perAttendedToken'] as const

function coefficientsIssue(value: unknown): string | undefined {
  const given = (value ?? {}) as Partial<StepCoefficients>
  const missing = parts.filter((part) => !(typeof given[part] === 'number' && given[part] >= 0))
  return missing.length === 0 ? undefined : `${missing.join(', ')} must be numbers of at least 0`
}
