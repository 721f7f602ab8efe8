import { loadParameters, Module } from '@hadal/nn'
import { type Tensor, torch } from '@hadal/tensor'
import { describe, expect, it } from 'vitest'

class Leaf extends Module {
  readonly weight: Tensor = torch.ones([2, 3])
  readonly notAParameter = 5
}

class Tree extends Module {
  readonly firstChild: Leaf = new Leaf()
  readonly layers: readonly Leaf[] = [new Leaf(), new Leaf()]
  readonly absent: Leaf | undefined = undefined
  readonly names: readonly string[] = ['a']
}

const names = ['first_child.weight', 'layers.0.weight', 'layers.1.weight']

it('names parameters after fields, in their order', () => {
  expect([...new Tree().parameters().keys()]).toEqual(names)
})

describe('loadParameters', () => {
  it('copies by name', () => {
    const tree = new Tree()
    loadParameters(tree.parameters(), new Map(names.map((name, i) => [name, torch.full([2, 3], i)])))
    expect(tree.layers[1]!.weight.toArray()).toEqual([
      [2, 2, 2],
      [2, 2, 2],
    ])
  })

  it('names every issue at once and writes nothing', () => {
    const tree = new Tree()
    const weights = new Map([
      ['first_child.weight', torch.zeros([2, 3])],
      ['layers.0.weight', torch.zeros([3, 2])],
      ['layers.7.weight', torch.zeros([2, 3])],
    ])
    let thrown: unknown
    try {
      loadParameters(tree.parameters(), weights)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ code: 'nn_weights_mismatch' })
    const { message } = thrown as Error
    expect(message).toContain('layers.0.weight has shape [3,2]; the model expects [2,3]')
    expect(message).toContain('layers.1.weight is missing')
    expect(message).toContain('layers.7.weight is unknown')
    expect(tree.firstChild.weight.at(0).toArray()).toEqual([1, 1, 1])
  })
})
