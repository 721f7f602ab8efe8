/**
 * Translates llama-server's flags to those of `hadal serve`. Each flag is mapped, ignored as irrelevant, or rejected with an alternative.
 * Hadal's own flags pass through.
 */

import { say, usage } from '@hadal/output'
import { type FlagReader, type Gathered, Refusal } from './flag-row.ts'
import { flagTable } from './flag-table.ts'

export interface TranslatedFlags {
  readonly args: readonly string[]
  /** Ignored or reinterpreted flags, one line each. */
  readonly notes: readonly string[]
}

const rows = new Map(flagTable.flatMap((each) => each.names.map((name) => [name, each])))

/** `serve`'s own arguments. Throws `usage` for a flag that is refused, or has no value. */
export function translateLlamaServerFlags(given: readonly string[], reader: FlagReader): TranslatedFlags {
  const args: string[] = []
  const ignored: string[] = []
  const gathered: Gathered = { keys: [], adapters: [] }
  for (let at = 0; at < given.length; at += 1) {
    const [name, inline] = splitInline(given[at]!)
    const known = rows.get(name)
    if (known === undefined) {
      args.push(given[at]!)
      continue
    }
    const next = inline ?? given[at + 1]
    const takes = known.value === true || (known.value === 'maybe' && isWord(next))
    if (takes && inline === undefined) at += 1
    if (takes && next === undefined) throw usage(say`${name} needs a value`, 'hadal serve')
    if (known.become === undefined) {
      ignored.push(name)
      continue
    }
    const became = known.become(takes ? next! : '', gathered, reader)
    if (became instanceof Refusal)
      throw usage(
        say`${name} is a llama-server flag that hadal does not support: ${became.instead}`,
        'hadal serve',
      )
    args.push(...(known.value === 'maybe' && takes ? [became[0]!, truth(next!)] : became))
  }
  const { together, notes } = gatheredArgs(gathered)
  if (ignored.length > 0)
    notes.push(say`ignored, because they have no effect: ${[...new Set(ignored)].join(', ')}`)
  return { args: [...args, ...together], notes }
}

function gatheredArgs(gathered: Gathered): { together: string[]; notes: string[] } {
  const {
    context,
    parallel,
    unified = parallel === undefined,
    repository,
    file,
    keys,
    adapters,
    adaptersApply = true,
  } = gathered
  const together: string[] = []
  const notes: string[] = []
  if (parallel !== undefined) together.push('--max-batch-size', parallel)
  if (context !== undefined && context !== '0') {
    const [all, slots] = [Number(context), Number(parallel)]
    const isShared = !unified && slots > 1 && Number.isInteger(all)
    const each = isShared ? String(Math.floor(all / slots)) : context
    together.push('--context-length', each)
    if (isShared)
      notes.push(
        say`-c ${context} is split between ${parallel} sequences as in llama-server: ${each} tokens each; --context-length is per sequence`,
      )
  }
  if (repository !== undefined) together.push('--model', hubReference(repository, file))
  if (keys.length > 0) together.push('--api-keys', keys.join(','))
  if (adapters.length > 0)
    together.push(
      '--lora',
      adapters.map((each) => (adaptersApply ? each : `${each.replace(/=[^=]*$/, '')}=0`)).join(','),
    )
  return { together, notes }
}

/** `owner/repo[:quant]`, or a file of it. */
function hubReference(repository: string, file: string | undefined): string {
  const [repo] = repository.split(':')
  return file === undefined ? `hf:${repository}` : `hf:${repo}/${file}`
}

/** `--seed=1`. */
function splitInline(argument: string): [name: string, value?: string] {
  const at = argument.indexOf('=')
  return argument.startsWith('--') && at > 0 ? [argument.slice(0, at), argument.slice(at + 1)] : [argument]
}

const yes = ['on', 'true', '1', 'enabled']
const no = ['off', 'false', '0', 'disabled']
const isWord = (value: string | undefined): boolean =>
  value !== undefined && [...yes, ...no, 'auto'].includes(value)
const truth = (value: string): string => String(!no.includes(value))
