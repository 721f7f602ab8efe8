import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Decoder,
  type DocumentEncoder,
  DocumentStream,
  ignoreIndex,
  initializeDecoder,
  PackedStream,
  summedTokenLoss,
} from '@hadal/nn'
import { grad, manualSeed, scope, torch } from '@hadal/tensor'
import { expect, it } from 'vitest'
import { expectAllClose, expectClose } from '../../tensor/test/expect-close.ts'

const config = {
  vocab_size: 50,
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
}

/** Documents of ids; every third one is not learnt. */
const documents = [3, 9, 14, 2, 7, 21, 5].map((length, document) =>
  Array.from({ length }, (_, i) => 1 + ((i * 7 + document * 11) % 49)),
)
const encode: DocumentEncoder = (document) => {
  const tokens = 'text' in document ? document.text.split(' ').map(Number) : []
  return { tokens, learn: tokens.map((_, i) => i % 3 !== 0) }
}

it('documents packed into windows have the loss and the gradients that they have apart', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-packed-loss-'))
  try {
    const file = join(folder, 'rows.jsonl')
    writeFileSync(file, documents.map((ids) => `${JSON.stringify({ text: ids.join(' ') })}\n`).join(''))
    const stream = new DocumentStream({ files: [file], shuffleBuffer: 4, epochs: 1 })
    const windows = new PackedStream(stream, encode, { length: 24, endOfText: 0 }).next(9)!
    expect(windows.count).toBeLessThan(documents.length)

    manualSeed(1)
    const decoder = new Decoder(config)
    initializeDecoder(decoder.parameters(), config.num_hidden_layers)
    scope(() => {
      const shape = [windows.count, windows.length]
      const tensor = (values: Int32Array) => torch.tensor(values, { shape }).long()
      const logits = decoder.forward(tensor(windows.inputs), tensor(windows.segments!))
      const packed = summedTokenLoss(logits, tensor(windows.targets))
      const apart = documents
        .map((ids) => {
          const { tokens, learn } = encode({ text: ids.join(' ') })
          const targets = tokens.slice(1).map((token, i) => (learn[i + 1] ? token : ignoreIndex))
          const logits = decoder.forward(torch.tensor([tokens.slice(0, -1)], { dtype: 'int64' }))
          return summedTokenLoss(logits, torch.tensor([targets], { dtype: 'int64' }))
        })
        .reduce((sum, loss) => sum.add(loss))
      // Two layers with products of up to 48 terms, forward and twice in the backward pass.
      const closeness = { roundings: 1500 }
      expectClose(packed, apart, closeness)
      const weights = [...decoder.parameters().values()]
      expectAllClose(grad(packed, weights), grad(apart, weights), closeness, [...decoder.parameters().keys()])
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
