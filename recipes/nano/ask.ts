// Asks a trained nano model, straight from its newest checkpoint; also while it is still being tuned.
//
//   npx tsx --conditions=@hadal/source recipes/nano/ask.ts "What is a dog?" "spell the word cat"
//
// --run runs/nano    the run folder; --threads 2    of libtorch

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  chatTokens,
  createModel,
  encodeChatPrompt,
  generateGreedily,
  loadParameters,
  Tokenizer,
} from '@hadal/nn'
import { scope, setNumThreads } from '@hadal/tensor'
import { fromHost, newestWeights } from '@hadal/train'
import { fullSize } from './sizes.ts'

const { values: flags, positionals: questions } = parseArgs({
  allowPositionals: true,
  options: { run: { type: 'string', default: 'runs/nano' }, threads: { type: 'string', default: '2' } },
})

setNumThreads(Number(flags.threads))
const tokenizer = Tokenizer.fromHuggingFace(
  JSON.parse(readFileSync(join(flags.run, 'tokenizer.json'), 'utf8')),
)
const model = createModel({ ...fullSize.model, vocab_size: tokenizer.vocabSize })
scope(() => loadParameters(model.parameters(), fromHost(newestWeights(join(flags.run, 'chat')))))
const stop = new Set([tokenizer.special(chatTokens.end), tokenizer.special(chatTokens.endOfText)])

for (const question of questions) {
  const prompt = encodeChatPrompt([{ role: 'user', content: question }], tokenizer)
  const answer = generateGreedily(model, prompt, { maxTokens: 120, stop })
  console.log(`> ${question}\n${tokenizer.decode(answer)}\n`)
}
