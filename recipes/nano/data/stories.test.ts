import { expect, test } from 'vitest'
import { createRandom } from './random.ts'
import { residueIn } from './residue.ts'
import { HEROES, tellStory } from './stories.ts'

test('every hero gets clean stories that name it', () => {
  const random = createRandom(3)
  for (const hero of HEROES) {
    for (let i = 0; i < 20; i++) {
      const { text } = tellStory(random, hero)
      expect(residueIn(text), text).toBeUndefined()
      expect(text).toContain(` ${hero} `)
      expect(text.split(' ').length).toBeLessThan(130)
    }
  }
})

test('pronouns follow the hero', () => {
  const random = createRandom(4)
  for (let i = 0; i < 50; i++) {
    expect(tellStory(random, 'king').text).not.toMatch(/\bhers?elf\b|Then she saw/)
    expect(tellStory(random, 'queen').text).not.toMatch(/Then he saw/)
  }
})
