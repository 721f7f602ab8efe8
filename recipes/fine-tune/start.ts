// What fine-tuning begins with: a model of Hugging Face's with its tokenizer, or a small one of our own and a file of sums.

import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import {
  chatTemplate,
  chatTokens,
  DocumentStream,
  loadTokenizer,
  type ModelConfig,
  Tokenizer,
  type TokenRoles,
  trainBpe,
} from '@hadal/nn'
import { exportHuggingFace, readGgufModel, readModel, type Vocabulary, type Weights } from '@hadal/train'

export interface Start extends Required<Vocabulary> {
  readonly tokenizer: Tokenizer
  readonly model: ModelConfig
  readonly startFrom?: Weights
  /** Which special tokens begin and end a text. */
  readonly roles: TokenRoles
}

/** The model and tokenizer of a folder; its template is needed for conversations. */
export function tunedModel(folder: string): Start {
  const { tokenizer, template, endOfText, bosToken, eosToken } = loadTokenizer(folder)
  if (!(tokenizer instanceof Tokenizer)) throw new Error(`the tokenizer of ${folder} cannot be written again`)
  if (template === undefined) throw new Error(`${folder} has no chat template`)
  const { specialTokens } = tokenizer
  const end = [...specialTokens.keys()].find((token) => specialTokens.get(token) === endOfText)!
  const roles = { end, ...(specialTokens.has(bosToken) && { begin: bosToken }) }
  return { ...readModel(folder), tokenizer, template, endOfText, bosToken, eosToken, roles }
}

/**
 * A GGUF file that Hadal exported, such as the bundled model, written into the run's folder as Hugging Face keeps models: the
 * base of what is trained beside it.
 */
export function unpackedModel(file: string, folder: string): string {
  const unpacked = join(folder, basename(file, '.gguf'))
  if (existsSync(unpacked)) return unpacked
  const { model, weights, tokenizer } = readGgufModel(file)
  const draft = `${unpacked}.${process.pid}`
  exportHuggingFace(draft, { config: model, weights, tokenizer, chatTemplate })
  // Whole at once: the ranks of a run may all be here, and only the first finds the place empty.
  try {
    renameSync(draft, unpacked)
  } catch (error) {
    rmSync(draft, { recursive: true })
    if (!existsSync(unpacked)) throw error
  }
  return unpacked
}

/** As large as sums need; its tokenizer is learnt from the data. */
export function freshModel(files: readonly string[]): Start {
  const tokenizer = trainBpe(textsIn(files), { vocabSize: 320, specialTokens: Object.values(chatTokens) })
  return {
    tokenizer,
    template: chatTemplate,
    endOfText: tokenizer.special(chatTokens.endOfText),
    bosToken: '',
    eosToken: chatTokens.end,
    roles: { end: chatTokens.end, begin: chatTokens.endOfText, pad: chatTokens.endOfText },
    model: {
      vocab_size: tokenizer.vocabSize,
      hidden_size: 64,
      intermediate_size: 160,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      max_position_embeddings: 256,
      rms_norm_eps: 1e-5,
      rope_theta: 10_000,
      tie_word_embeddings: true,
    },
  }
}

const maxTexts = 20_000

function* textsIn(files: readonly string[]): Iterable<string> {
  const stream = new DocumentStream({ files, shuffleBuffer: 0, epochs: 1, onBadRow: 'skip' })
  for (let row = 0; row < maxTexts; row += 1) {
    const located = stream.next()
    if (located === undefined) return
    const { document } = located
    if ('text' in document) yield document.text
    else for (const { content } of document.messages) if (typeof content === 'string') yield content
  }
}

/** Questions after all sums of two numbers below 20, made where it is not there yet. */
export function sumsFile(folder: string): string {
  const path = join(folder, 'sums.jsonl')
  if (existsSync(path)) return path
  mkdirSync(folder, { recursive: true })
  const rows = Array.from({ length: 400 }, (_, i) => {
    const [a, b] = [i % 20, Math.floor(i / 20)]
    const messages = [
      { role: 'user', content: `What is ${a} plus ${b}?` },
      { role: 'assistant', content: `${a} plus ${b} is ${a + b}.` },
    ]
    return `${JSON.stringify({ messages })}\n`
  })
  // Whole at once: the ranks of a run may all be here.
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, rows.join(''))
  renameSync(draft, path)
  return path
}
