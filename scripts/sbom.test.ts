import { describe, expect, it } from 'vitest'
import { withModels } from './sbom.ts'

const bom = {
  components: [
    { 'bom-ref': 'h', name: 'hadal', version: '1.0.0' },
    { 'bom-ref': 'g', name: 'guard', group: '@hadal', version: '1.0.0' },
  ],
  dependencies: [{ ref: 'h', dependsOn: ['g'] }, { ref: 'g' }],
}
const files = [
  { path: 'models/nano/nano.gguf', bytes: Buffer.from('GGUF') },
  { path: 'packages/serving/guard/weights/classifier.bin', bytes: Buffer.from('') },
]

describe('models in the bill of materials', () => {
  it('are components with a hash, on which their owners depend', () => {
    const { components, dependencies } = withModels(bom, files)
    expect(components.slice(2)).toMatchObject([
      {
        type: 'machine-learning-model',
        name: 'models/nano/nano.gguf',
        // sha256sum of the four letters.
        hashes: [
          { alg: 'SHA-256', content: 'b83633aa785344791618f2fddf131b010ea04912a60430760b070bad293f65bd' },
        ],
      },
      { name: 'packages/serving/guard/weights/classifier.bin' },
    ])
    expect(dependencies).toEqual([
      { ref: 'h', dependsOn: ['g', 'file:models/nano/nano.gguf'] },
      { ref: 'g', dependsOn: ['file:packages/serving/guard/weights/classifier.bin'] },
      { ref: 'file:models/nano/nano.gguf' },
      { ref: 'file:packages/serving/guard/weights/classifier.bin' },
    ])
  })

  it('are missed when the tool names other packages', () => {
    expect(() => withModels({ components: [], dependencies: [] }, files)).toThrow(
      'neither hadal nor @hadal/guard',
    )
  })
})
