import { ownTexts } from '@hadal/guard'
import { expect, it } from 'vitest'
import { nearDuplicates } from '../evaluate/near-duplicates.ts'
import { builtInSeeds } from './seeds.ts'

it('begins with attacks that no text of the package nearly repeats', async () => {
  const isKnown = nearDuplicates(
    builtInSeeds,
    (await ownTexts()).map(({ text }) => text),
  )
  expect(builtInSeeds.filter((_, at) => isKnown[at])).toEqual([])
  expect(builtInSeeds.length).toBe(25)
})
