/** `hadal data preview`: training data as a model will see it, before anything is trained. */

import { resolve } from 'node:path'
import { formatCount } from '@hadal/base'
import {
  ChatTemplate,
  DocumentStream,
  documentEncoder,
  encodeRow,
  type LearntTurns,
  type LengthStatistics,
  lengthStatistics,
  loadTokenizer,
  type MaskedTokens,
  previewTokens,
  type ReadOptions,
} from '@hadal/nn'
import type { Terminal } from '@hadal/output'
import { exitCodes, formatTable, say, usage } from '@hadal/output'
import { readChatTemplate } from '@hadal/service'

export interface DataPreviewFlags {
  readonly tokenizer: string
  readonly template?: string
  readonly rows: string
  readonly sample: string
  readonly length: string
  readonly turns: LearntTurns
  readonly textField?: string
  readonly messagesField?: string
  readonly skipBad?: boolean
  readonly json?: boolean
}

interface Row extends MaskedTokens {
  readonly path: string
  readonly line: number
}

export function previewData(files: readonly string[], flags: DataPreviewFlags, terminal: Terminal): number {
  const shown = wholeNumber(flags.rows, '--rows')
  const sample = Math.max(shown, wholeNumber(flags.sample, '--sample'))
  const length = wholeNumber(flags.length, '--length')
  const loaded = loadTokenizer(resolve(terminal.folder, flags.tokenizer))
  const { tokenizer, endOfText, bosToken, eosToken, template: own } = loaded
  const source = flags.template === undefined ? own : readChatTemplate(templatePath(flags.template, terminal))
  const encode = documentEncoder({
    tokenizer,
    endOfText,
    turns: flags.turns,
    ...(source !== undefined && { template: new ChatTemplate(source, { bosToken, eosToken }) }),
  })
  const bad: ReadOptions = {
    onBadRow: flags.skipBad ? 'skip' : 'fail',
    onSkipped: ({ path, line, why }) => terminal.note(terminal.noteStyle.yellow(`${path}:${line}: ${why}`)),
  }
  const stream = new DocumentStream({
    files: files.map((file) => resolve(terminal.folder, file)),
    shuffleBuffer: 0,
    epochs: 1,
    ...bad,
    ...(flags.textField !== undefined && { textField: flags.textField }),
    ...(flags.messagesField !== undefined && { messagesField: flags.messagesField }),
  })
  const rows: Row[] = []
  let unencoded = 0
  for (let located = stream.next(); located !== undefined && rows.length < sample; located = stream.next()) {
    const encoded = encodeRow(located, encode, bad)
    if (encoded === undefined) unencoded += 1
    else rows.push({ path: located.path, line: located.line, ...encoded })
  }
  const statistics = lengthStatistics(rows, length + 1)
  const skipped = stream.counts.skipped + unencoded
  if (flags.json) {
    terminal.print(JSON.stringify({ ...statistics, skipped, rows: rows.slice(0, shown) }, null, 2))
    return exitCodes.success
  }
  const inColor = terminal.style.bold('') !== ''
  for (const row of rows.slice(0, shown)) {
    terminal.print(terminal.style.dim(`${row.path}:${row.line}: ${describe(row)}`))
    terminal.print(`${previewTokens(row, tokenizer, { inColor })}\n`)
  }
  terminal.print(table(statistics, length, terminal))
  if (skipped > 0) terminal.print(say`${formatCount(skipped)} invalid rows skipped`)
  return exitCodes.success
}

const describe = ({ tokens, learn }: MaskedTokens): string =>
  say`${formatCount(tokens.length)} tokens, ${formatCount(learn.filter(Boolean).length)} trained on`

function table(statistics: LengthStatistics, length: number, { style }: Terminal): string {
  const { documents, tokens, learnt, percentiles, truncated } = statistics
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
  const heads = Object.keys(percentiles).map((name) => style.dim(name))
  const lengths = Object.values(percentiles).map((value) => formatCount(value))
  return [
    say`${formatCount(documents)} documents, ${formatCount(tokens)} tokens, ${percent(tokens === 0 ? 0 : learnt / tokens)} of them trained on`,
    formatTable([heads, lengths], Array<'right'>(heads.length).fill('right')),
    say`windows of ${formatCount(length)} truncate ${percent(truncated.documents)} of the documents, ${percent(truncated.tokens)} of the tokens`,
  ].join('\n')
}

/** Source and names stay as they are; a path is one from the terminal's folder. */
function templatePath(given: string, { folder }: Terminal): string {
  return /\{[{%]/.test(given) || !/[./\\]/.test(given) ? given : resolve(folder, given)
}

function wholeNumber(text: string, flag: string): number {
  const value = Number(text)
  if (!(Number.isSafeInteger(value) && value >= 1))
    throw usage(say`${flag} must be a whole number of at least 1`, 'hadal data preview')
  return value
}
