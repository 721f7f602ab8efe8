import { readFileSync } from 'node:fs'
import { modelConfigIssues, modelParameterCount } from '@hadal/nn'
import { describe, expect, it } from 'vitest'
import * as llama from '../nano/sizes.ts'
import { cardRow } from './comparison.ts'
import { fullSize, quickSize } from './sizes.ts'

describe('the sizes', () => {
  it('can be built, and are those of the Llama within a hundredth', () => {
    expect(modelConfigIssues(fullSize.model)).toEqual([])
    expect(modelConfigIssues(quickSize.model)).toEqual([])
    const [ours, theirs] = [fullSize, llama.fullSize].map(({ model }) => modelParameterCount(model).total)
    expect(Math.abs(ours! / theirs! - 1)).toBeLessThan(0.01)
  })
})

describe('cardRow', () => {
  it("reads figures of the other model's card", () => {
    const card = readFileSync(new URL('../../models/nano/README.md', import.meta.url), 'utf8')
    expect(cardRow(card, 'steps')).toEqual([1500, 2500])
    expect(cardRow(card, 'last held-out loss').every((loss) => loss > 0 && loss < 5)).toBe(true)
    expect(() => cardRow(card, 'colour')).toThrow('no figures of "colour"')
  })
})
