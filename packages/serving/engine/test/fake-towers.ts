/**
 * A program with a fake dual encoder: a text is its characters, an image a file of `IMG` and one byte for its colour, and
 * `SLOW`, `DIES` and `BAD` behave accordingly. A vector encodes its input: [sum, count, kind, 1].
 */

import { setTimeout } from 'node:timers/promises'
import { HadalError } from '@hadal/base'
import { serveTowers, type Towers } from '@hadal/engine/towers'

const size = 4
/** Blocks the process like a pass. */
const busy = (millis: number): void => {
  const until = performance.now() + millis
  while (performance.now() < until);
}
const vectorOf = (values: ArrayLike<number>, kind: number): Float32Array => {
  let sum = 0
  for (let at = 0; at < values.length; at += 1) sum += values[at]!
  return Float32Array.of(sum, values.length, kind, 1)
}

const towers: Towers = {
  model: {
    architecture: 'fake-towers',
    parameterCount: 12,
    fileBytes: 48,
    contextLength: 8,
    vocabularySize: 0x10000,
    embeddingLength: 4,
    images: { size, tokens: 5 },
    paddedLength: (tokens) => tokens,
  },
  choices: ['towers: fake (for tests)'],
  tokenize: (text) => [1, ...[...text].map((character) => character.codePointAt(0)!), 2],
  async decode(image, name) {
    const said = Buffer.from(image).toString('latin1')
    await setTimeout(said.startsWith('SLOW') ? 200 : 1)
    if (said === 'DIES') process.kill(process.pid, 'SIGKILL')
    if (!/^(?:IMG|SLOW)/.test(said))
      throw new HadalError(`the image ${name} is none`, {
        code: 'image_invalid',
        status: 400,
        help: 'Send one.',
      })
    return new Float32Array(3 * size * size).fill(image.at(-1)!)
  },
  embedTexts(texts) {
    busy(5)
    return texts.map((ids) => vectorOf(ids, 0))
  },
  embedImages(images) {
    busy(5)
    return images.map((pixels) => vectorOf(pixels, 1))
  },
}

serveTowers(async () => towers)
