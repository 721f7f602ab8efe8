/** The checkpoint report of `hadal models`: the load plan, made from headers alone. Needs no libtorch. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { formatBytes, formatCount } from '@hadal/base'
import { type CheckpointPlan, planCheckpoint } from '@hadal/nn'
import type { Terminal } from '@hadal/output'
import { exitCodes, formatTable, say } from '@hadal/output'

export interface CheckpointDescription {
  readonly folder: string
  /** From config.json; undefined if it cannot be parsed. */
  readonly architecture: string | undefined
  /** To be read: all of the model's if there are no issues. */
  readonly parameters: number
  /** Storage data types. */
  readonly types: readonly string[]
  readonly contextLength: number | undefined
  readonly layers: number | undefined
  readonly width: number | undefined
  readonly vocabSize: number | undefined
  readonly tokenizer: boolean
  readonly readBytes: number
  /** Bytes of the model in memory, parameters and buffers. */
  readonly memoryBytes: { readonly float32: number; readonly bfloat16: number }
  /** Tensors in the files that the model has no use for. */
  readonly unneeded: readonly string[]
  /** Why it cannot be loaded; empty if it can. */
  readonly issues: readonly CheckpointIssue[]
}

export interface CheckpointIssue {
  readonly code: string
  readonly message: string
  readonly help: string
}

/** A line of an inspection; omitted if the value is undefined. */
export type Fact = readonly [name: string, value: string | number | undefined]

export const issueOf = ({ code, message, help }: CheckpointIssue): CheckpointIssue => ({
  code,
  message,
  help,
})

export function describeCheckpoint(folder: string): CheckpointDescription {
  const plan = planCheckpoint(folder)
  const { config, tensors, bytes, unneeded, issues } = plan
  return {
    folder,
    architecture: config?.model_type,
    parameters: tensors.reduce(
      (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
      0,
    ),
    types: [...new Set(tensors.map(({ type }) => type))],
    contextLength: config?.max_position_embeddings,
    layers: config?.num_hidden_layers,
    width: config?.hidden_size,
    vocabSize: config?.vocab_size,
    tokenizer: existsSync(join(folder, 'tokenizer.json')),
    readBytes: bytes.read,
    memoryBytes: {
      float32: memoryOf(plan),
      bfloat16: memoryOf(planCheckpoint(folder, { dtype: 'bfloat16' })),
    },
    unneeded,
    issues: issues.map(issueOf),
  }
}

const memoryOf = ({ bytes }: CheckpointPlan): number => bytes.parameters + bytes.rotaryTables

/** One line, for after a download. */
export function checkpointLine(folder: string): string {
  const { memoryBytes, issues, ...facts } = describeCheckpoint(folder)
  return loadedLine({ ...facts, memoryBytes: memoryBytes.float32 }, issues)
}

export function loadedLine(
  {
    architecture,
    parameters,
    types,
    memoryBytes,
  }: Pick<CheckpointDescription, 'architecture' | 'parameters' | 'types'> & { readonly memoryBytes: number },
  issues: readonly CheckpointIssue[],
): string {
  const [first] = issues
  if (first === undefined)
    return say`${architecture}, ${formatCount(parameters)} parameters (${types.join(', ')}), ${formatBytes(memoryBytes)} in fp32`
  const rest =
    issues.length > 1 ? say` (first of ${issues.length} errors; list them with hadal models inspect)` : ''
  return say`it cannot be loaded${rest}: ${first.code}: ${first.message}`
}

const maxShown = 20

/** Exits with a failure when the checkpoint cannot be loaded, for scripts. */
export function inspectCheckpoint(folder: string, asJson: boolean, terminal: Terminal): number {
  const checkpoint = describeCheckpoint(folder)
  const { issues, unneeded, memoryBytes } = checkpoint
  const facts: readonly Fact[] = [
    [say`checkpoint`, folder],
    [say`architecture`, checkpoint.architecture ?? say`unknown`],
    [
      say`parameters`,
      `${formatCount(checkpoint.parameters)} (${checkpoint.types.join(', ') || say`none to read`})`,
    ],
    [say`context`, checkpoint.contextLength],
    [say`layers`, checkpoint.layers],
    [say`width`, checkpoint.width],
    [say`vocabulary`, checkpoint.vocabSize],
    [say`tokenizer`, checkpoint.tokenizer ? 'tokenizer.json' : say`none`],
    [say`read`, formatBytes(checkpoint.readBytes)],
    [
      say`memory`,
      say`${formatBytes(memoryBytes.float32)} in fp32, ${formatBytes(memoryBytes.bfloat16)} in bf16`,
    ],
    [
      say`not needed`,
      unneeded.length === 0 ? undefined : say`${unneeded.length} tensor(s), as ${unneeded[0]}`,
    ],
    [say`errors`, issues.length === 0 ? say`none; it can be loaded` : undefined],
  ]
  return printInspection({ kind: 'checkpoint', ...checkpoint }, facts, asJson, terminal)
}

/** Prints a checkpoint's facts and issues. Returns the exit code. */
export function printInspection(
  found: { readonly kind: 'checkpoint' | 'clip'; readonly issues: readonly CheckpointIssue[] },
  facts: readonly Fact[],
  asJson: boolean,
  terminal: Terminal,
): number {
  const { issues } = found
  const code = issues.length === 0 ? exitCodes.success : exitCodes.failure
  if (asJson) {
    // `faults`: deprecated name of `issues`.
    terminal.print(JSON.stringify({ ...found, faults: issues }, null, 2))
    return code
  }
  const { dim, bold, red } = terminal.style
  const rows = facts.flatMap(([name, value]) => (value === undefined ? [] : [[dim(name), String(value)]]))
  terminal.print(formatTable(rows, ['left', 'left']))
  if (issues.length === 0) return code
  terminal.print(bold(red(say`\n${issues.length} error(s); it cannot be loaded:`)))
  for (const issue of issues.slice(0, maxShown)) terminal.print(`  ${issue.code}: ${issue.message}`)
  if (issues.length > maxShown) terminal.print(say`  and ${issues.length - maxShown} more`)
  for (const help of new Set(issues.map((issue) => issue.help))) terminal.print(dim(help))
  return code
}
