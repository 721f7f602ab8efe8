// Reads the nano recipe's data folder (`recipes/nano/data` makes it): documents separated by a line `<|endoftext|>`, and
// conversations one JSON object a line. Knows nothing about tokens beyond what a tokenizer returns.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type ChatMessage,
  chatTokens,
  encodeChat,
  packExamples,
  packStream,
  type Tokenizer,
  type Windows,
} from '@hadal/nn'

export interface Corpus {
  readonly documents: readonly string[]
  readonly validDocuments: readonly string[]
  readonly chats: readonly Conversation[]
  readonly validChats: readonly Conversation[]
}

type Conversation = readonly ChatMessage[]

export function readCorpus(folder: string): Corpus {
  const read = (name: string): string => {
    const path = join(folder, name)
    if (!existsSync(path))
      throw new Error(
        `${path} does not exist; make it with: npx tsx --conditions=@hadal/source recipes/nano/data/build.ts`,
      )
    return readFileSync(path, 'utf8')
  }
  const documents = (name: string): string[] =>
    read(name)
      .split(`\n${chatTokens.endOfText}\n`)
      .filter((document) => document.trim() !== '')
  const chats = (name: string): Conversation[] =>
    read(name)
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { messages: Conversation }).messages)
  return {
    documents: documents('pretrain.txt'),
    validDocuments: documents('pretrain.valid.txt'),
    chats: chats('chat.jsonl'),
    validChats: chats('chat.valid.jsonl'),
  }
}

/** Everything the tokenizer should spell well. */
export function* tokenizerTexts({ documents, chats }: Corpus): Iterable<string> {
  yield* documents
  for (const chat of chats) for (const { content } of chat) yield content
}

export function pretrainWindows(documents: readonly string[], tokenizer: Tokenizer, length: number): Windows {
  const encoded = documents.map((document) => tokenizer.encode(document))
  return packStream(encoded, length, tokenizer.special(chatTokens.endOfText))
}

export function chatWindows(chats: readonly Conversation[], tokenizer: Tokenizer, length: number): Windows {
  const encoded = chats.map((chat) => encodeChat(chat, tokenizer))
  return packExamples(encoded, length, tokenizer.special(chatTokens.endOfText))
}
