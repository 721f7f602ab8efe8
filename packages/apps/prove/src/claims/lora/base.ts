/** The tuned model and its data as windows: new conversations, and answers to questions it was trained on. */

import {
  chatTokens,
  createModel,
  type DecoderConfig,
  encodeChat,
  encodeChatPrompt,
  generateGreedily,
  ignoreIndex,
  loadParameters,
  packExamples,
  summedTokenLoss,
  type Tokenizer,
  type Windows,
} from '@hadal/nn'
import { noGrad, scope, torch } from '@hadal/tensor'
import { fromHost, readGgufModel, type Weights } from '@hadal/train'
import { drawAlmanac, knownQuestions, type Told } from './corpus.ts'

export interface Base {
  readonly model: DecoderConfig
  readonly weights: Weights
  readonly train: Windows
  /** Held out of the new conversations: to choose a rate by, and to report. */
  readonly choice: Windows
  readonly reported: Windows
  /** The base model's responses, word for word: their loss of likelihood measures forgetting. */
  readonly known: Windows
}

export const windowLength = 80
/** Maximum tokens of a response. */
const longestAnswer = 32

/** Reads a Llama-shaped model from GGUF. */
export function readBase(path: string, seed: number): Base {
  const { model, weights, tokenizer } = readGgufModel(path)
  const end = tokenizer.special(chatTokens.endOfText)
  const { train, choice, reported } = drawAlmanac(seed)
  const pack = (told: readonly Told[]): Windows =>
    packExamples(
      told.map(({ question, answer }) =>
        encodeChat(
          [
            { role: 'user', content: question },
            { role: 'assistant', content: answer },
          ],
          tokenizer,
        ),
      ),
      windowLength,
      end,
    )
  return {
    model,
    weights,
    train: pack(train),
    choice: pack(choice),
    reported: pack(reported),
    known: answersOf(model, weights, tokenizer),
  }
}

/** A question and its answer a window; the answer alone has targets. */
function answersOf(config: DecoderConfig, weights: Weights, tokenizer: Tokenizer): Windows {
  const stop = tokenizer.special(chatTokens.end)
  const inputs = new Int32Array(knownQuestions.length * windowLength).fill(stop)
  const targets = new Int32Array(knownQuestions.length * windowLength).fill(ignoreIndex)
  scope(() => {
    const model = createModel(config)
    loadParameters(model.parameters(), fromHost(weights))
    knownQuestions.forEach((content, row) => {
      const prompt = encodeChatPrompt([{ role: 'user', content }], tokenizer)
      const answer = generateGreedily(model, prompt, {
        maxTokens: Math.min(longestAnswer, windowLength - prompt.length),
        stop: new Set([stop]),
      })
      const all = [...prompt, ...answer, stop].slice(0, windowLength + 1)
      inputs.set(all.slice(0, -1), row * windowLength)
      targets.set(all.slice(prompt.length), row * windowLength + prompt.length - 1)
    })
  })
  return { length: windowLength, count: knownQuestions.length, inputs, targets }
}

/** Mean losses in nats a target, of each of some texts. */
export function lossesOf<Name extends string>(
  config: DecoderConfig,
  weights: Weights,
  texts: Readonly<Record<Name, Windows>>,
): Record<Name, number> {
  return scope(() => {
    const model = createModel(config)
    loadParameters(model.parameters(), fromHost(weights))
    const mean = ({ length, count, inputs, targets }: Windows): number => {
      let sum = 0
      for (let from = 0; from < count; from += windowsAtOnce) {
        const rows = Math.min(windowsAtOnce, count - from)
        const part = (ids: Int32Array) =>
          torch.tensor(ids.subarray(from * length, (from + rows) * length), { shape: [rows, length] }).long()
        sum += noGrad(() =>
          scope(() => summedTokenLoss(model.forward(part(inputs)), part(targets)).item() as number),
        )
      }
      return sum / targets.filter((target) => target !== ignoreIndex).length
    }
    const entries = Object.entries<Windows>(texts).map(([name, text]) => [name, mean(text)])
    return Object.fromEntries(entries) as Record<Name, number>
  })
}

const windowsAtOnce = 16
