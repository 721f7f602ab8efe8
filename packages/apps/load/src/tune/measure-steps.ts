/** Runs engine steps of all kinds and records their durations, for the simulator's cost model. */

import { type MeasuredStep, type Random, seededRandom } from '@hadal/batching'
import type { Engine, StepReport } from '@hadal/engine'

export interface MeasuredEngine {
  readonly steps: readonly MeasuredStep[]
  readonly passes: readonly MeasuredStep[]
}

/** Sequences at a time, and tokens of their prompts. */
const rounds = [
  [1, 32],
  [2, 32],
  [4, 32],
  [8, 32],
  [16, 32],
  [32, 32],
  [1, 256],
  [4, 192],
  [2, 640],
] as const
const newTokens = 12
/** Texts at a time, and tokens of each. */
const passRounds = [
  [1, 16],
  [4, 16],
  [16, 16],
  [1, 64],
  [8, 64],
  [2, 200],
] as const
const words =
  'time year people way day man thing woman life child world school state family student group'.split(' ')

export async function measureSteps(
  engine: Engine,
  maxBatchSize: number,
  onProgress: (done: number, of: number) => void = () => {},
): Promise<MeasuredEngine> {
  const random = seededRandom(1)
  const vocabulary = await engine.tokenize(words.join(' '))
  const { can, contextLength } = engine.model
  const generating = can.generate
    ? rounds.filter(([size, prompt]) => size <= maxBatchSize && prompt + newTokens <= contextLength)
    : []
  const embedding = can.embed ? passRounds.filter(([, tokens]) => tokens <= contextLength) : []
  const all = generating.length + embedding.length
  // Excludes one-time costs.
  if (can.generate) await generate(engine, 2, 24, vocabulary, random)
  if (can.embed) await embed(engine, 2, 16, vocabulary, random)

  const steps: MeasuredStep[] = []
  const passes: MeasuredStep[] = []
  using _ = engine.onStep((report) => void (report.isPass ? passes : steps).push(measured(report)))
  for (const [index, [size, prompt]] of generating.entries()) {
    onProgress(index, all)
    await generate(engine, size, prompt, vocabulary, random)
  }
  for (const [index, [texts, tokens]] of embedding.entries()) {
    onProgress(generating.length + index, all)
    for (let time = 0; time < 3; time += 1) await embed(engine, texts, tokens, vocabulary, random)
  }
  return { steps, passes }
}

/** Speculative decoding: draft tokens and accepted tokens per new token; undefined if it did not draft. */
export async function measureGuesses(
  engine: Engine,
): Promise<{ readonly draftTokens: number; readonly tokensPerStep: number } | undefined> {
  const random = seededRandom(2)
  const vocabulary = await engine.tokenize(words.join(' '))
  let [sequences, tokens, accepted] = [0, 0, 0]
  using _ = engine.onStep(({ decodeTokens, drafts }) => {
    tokens += drafts?.tokens ?? 0
    accepted += drafts?.accepted ?? 0
    sequences += decodeTokens - (drafts?.tokens ?? 0)
  })
  await generate(engine, 4, 32, vocabulary, random, 64)
  if (tokens === 0 || sequences === 0) return undefined
  return { draftTokens: tokens / sequences, tokensPerStep: 1 + accepted / sequences }
}

async function generate(
  engine: Engine,
  size: number,
  promptTokens: number,
  vocabulary: readonly number[],
  random: Random,
  maxTokens: number = newTokens,
): Promise<void> {
  const one = async (index: number): Promise<void> => {
    const events = engine.generate({
      id: `measure ${index}`,
      prompt: drawTokens(promptTokens, vocabulary, random),
      maxTokens,
      sampling: { temperature: 0 },
      stop: [],
      ignoreEos: true,
      reusePrefix: false,
    })
    for await (const _ of events);
  }
  await Promise.all(Array.from({ length: size }, (_, index) => one(index)))
}

async function embed(
  engine: Engine,
  texts: number,
  tokens: number,
  vocabulary: readonly number[],
  random: Random,
): Promise<void> {
  const one = (index: number): Promise<unknown> =>
    engine.embed({ id: `measure ${index}`, inputs: [drawTokens(tokens, vocabulary, random)] })
  await Promise.all(Array.from({ length: texts }, (_, index) => one(index)))
}

function measured({ decodeTokens, prefillTokens, attendedTokens = 0, millis }: StepReport): MeasuredStep {
  return { decodeTokens, prefillTokens, attendedTokens, millis }
}

const drawTokens = (count: number, vocabulary: readonly number[], random: Random): number[] =>
  Array.from({ length: count }, () => vocabulary[Math.floor(random() * vocabulary.length)]!)
