import { describe, expect, it } from 'vitest'
import type { SamplerPointer, VocabPointer } from '../binding.ts'
import { resolveSampling } from '../sampling.ts'
import { DrySamplers } from './dry-samplers.ts'

/** Counts samplers created on this thread and on worker threads, and records which were freed. */
function library() {
  const [made, freed] = [{ atOnce: 0, apart: 0 }, new Set<SamplerPointer>()]
  const make = (): SamplerPointer => ({}) as SamplerPointer
  const init = () => {
    made.atOnce += 1
    return make()
  }
  const async = (...args: unknown[]): void => {
    made.apart += 1
    const done = args.at(-1) as (error: null, sampler: SamplerPointer) => void
    setImmediate(() => done(null, make()))
  }
  const clone = (sampler: SamplerPointer): SamplerPointer => {
    expect(freed).not.toContain(sampler)
    return make()
  }
  const free = (sampler: SamplerPointer): void => {
    expect(freed).not.toContain(sampler)
    freed.add(sampler)
  }
  const llama = { samplerInitDry: Object.assign(init, { async }), samplerClone: clone, samplerFree: free }
  return { native: { llama } as unknown as ConstructorParameters<typeof DrySamplers>[0], made, freed }
}

const vocabulary = { pointer: {} as VocabPointer, turn: async () => ({ [Symbol.dispose]() {} }) }
const breaking = (at: number) => resolveSampling({ dryMultiplier: 1, drySequenceBreakers: [`${at}`] })
const wanted = () => true

describe('DrySamplers', () => {
  it('keeps what was made for each of the requests that are prepared together', async () => {
    const { native, made, freed } = library()
    const dry = new DrySamplers(native, vocabulary, 12)
    const samplings = Array.from({ length: 12 }, (_, at) => breaking(at))
    await Promise.all(samplings.map((sampling) => dry.prepare(sampling, 100, wanted)))
    for (const sampling of samplings) expect(dry.create(sampling, 100)?.window).toBe(64)
    expect([made, freed.size]).toEqual([{ atOnce: 0, apart: 12 }, 0])
    await dry.prepare(breaking(12), 100, wanted)
    expect(freed.size).toBe(1)
  })

  it('makes one for many, and none where it is off or no longer wanted', async () => {
    const { native, made, freed } = library()
    const dry = new DrySamplers(native, vocabulary, 2)
    await dry.prepare(breaking(0), 100, wanted)
    for (let each = 0; each < 20; each += 1) await dry.prepare(breaking(0), 100, wanted)
    expect(await dry.prepare(breaking(1), 100, () => false)).toBe(false)
    expect(dry.create(resolveSampling({}), 100)).toBeUndefined()
    expect([made, freed.size]).toEqual([{ atOnce: 0, apart: 1 }, 0])
  })
})
