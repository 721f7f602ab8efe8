import { expect, it } from 'vitest'
import { tap } from './tap.ts'

async function* numbers(ended: string[]): AsyncGenerator<number> {
  try {
    for (let number = 1; number <= 3; number += 1) yield number
  } finally {
    ended.push('ended')
  }
}

it('sees each item before the reader gets it, and ends with its source', async () => {
  const [seen, got, ended]: [number[], number[][], string[]] = [[], [], []]
  for await (const number of tap(numbers(ended), (each) => seen.push(each))) got.push([...seen, number])
  expect(got).toEqual([
    [1, 1],
    [1, 2, 2],
    [1, 2, 3, 3],
  ])
  expect(ended).toEqual(['ended'])
})

it('ends its source when the reader leaves', async () => {
  const ended: string[] = []
  for await (const _ of tap(numbers(ended), () => {})) break
  expect(ended).toEqual(['ended'])
})

it('passes errors on', async () => {
  async function* broken(): AsyncGenerator<number> {
    yield 1
    throw new Error('broken')
  }
  const seen: number[] = []
  const read = async (): Promise<void> => {
    for await (const _ of tap(broken(), (each) => seen.push(each)));
  }
  await expect(read()).rejects.toThrow('broken')
  expect(seen).toEqual([1])
})
