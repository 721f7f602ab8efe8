import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { groupModels, selectModel } from './select-files.ts'

const files = (...paths: string[]) => paths.map((path) => ({ path }))
const select = (paths: string[], wanted: { quant?: string; file?: string }) =>
  selectModel(files(...paths), { ref: 'hf:o/r', at: (path) => `hf:o/r/${path}`, ...wanted }).files.map(
    (file) => file.path,
  )
const usual = [
  'README.md',
  'config.json',
  'm-Q4_K_M.gguf',
  'm-UD-Q4_K_M.gguf',
  'm-UD-Q2_K_XL.gguf',
  'm.Q8_0.gguf',
  'm-bf16.gguf',
  'mmproj-m-f16.gguf',
  'm-imatrix.gguf',
  'big/m-Q6_K-00001-of-00002.gguf',
  'big/m-Q6_K-00002-of-00002.gguf',
  'broken/m-Q5_K-00001-of-00002.gguf',
]

describe('selectModel', () => {
  it.each([
    [{ quant: 'Q8_0' }, ['m.Q8_0.gguf']],
    [{ quant: 'q4_k_m' }, ['m-Q4_K_M.gguf']],
    [{ quant: 'UD-Q4_K_M' }, ['m-UD-Q4_K_M.gguf']],
    [{ quant: 'Q2_K_XL' }, ['m-UD-Q2_K_XL.gguf']],
    [{ quant: 'BF16' }, ['m-bf16.gguf']],
    [{ quant: 'Q6_K' }, ['big/m-Q6_K-00001-of-00002.gguf', 'big/m-Q6_K-00002-of-00002.gguf']],
    [
      { file: 'big/m-Q6_K-00002-of-00002.gguf' },
      ['big/m-Q6_K-00001-of-00002.gguf', 'big/m-Q6_K-00002-of-00002.gguf'],
    ],
    [{}, ['m-Q4_K_M.gguf']],
  ])('%j', (wanted, paths) => expect(select(usual, wanted)).toEqual(paths))

  it('takes the only model there is', () => {
    expect(select(['only.gguf'], {})).toEqual(['only.gguf'])
  })

  it.each([{ quant: 'Q5_K' }, { quant: 'Q4_K' }, { quant: 'F16' }, { file: 'gone.gguf' }])(
    'has nothing for %j, and says what there is',
    (wanted) => {
      expect(() => select(usual, wanted)).toThrow(
        expect.objectContaining({ code: 'model_quant_not_found', help: expect.stringContaining('Q8_0') }),
      )
    },
  )

  it('does not choose between different models', () => {
    expect(() => select(['a-7b-Q8_0.gguf', 'a-13b-Q8_0.gguf'], { quant: 'Q8_0' })).toThrow(
      expect.objectContaining({
        code: 'model_ambiguous',
        help: expect.stringContaining('hf:o/r/a-13b-Q8_0.gguf\n  hf:o/r/a-7b-Q8_0.gguf'),
      }),
    )
  })

  it('says when there are no models at all', () => {
    expect(() => select(['model.safetensors'], {})).toThrow(
      expect.objectContaining({ help: expect.stringContaining('no GGUF files') }),
    )
  })
})

describe('groupModels', () => {
  it('puts every complete set together, in order, whatever order its parts come in', () => {
    const shuffled = fc.integer({ min: 1, max: 12 }).chain((count) =>
      fc.shuffledSubarray(
        Array.from({ length: count }, (_, index) => index + 1),
        { minLength: count },
      ),
    )
    fc.assert(
      fc.property(shuffled, (order) => {
        const five = (number: number): string => String(number).padStart(5, '0')
        const paths = order.map((number) => `m-Q8_0-${five(number)}-of-${five(order.length)}.gguf`)
        const groups = groupModels(files(...paths))
        expect(groups).toHaveLength(1)
        expect(groups[0]!.files.map((file) => file.path)).toEqual([...paths].sort())
        expect(groupModels(files(...paths.slice(1)))).toEqual([])
      }),
    )
  })
})
