import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ImageInput, readImageInput, toInput } from './image-input.ts'

const read = (input: unknown): ImageInput | string => readImageInput({ 'hadal.input': JSON.stringify(input) })

describe('readImageInput', () => {
  it('reads what an export writes, with what it leaves out', () => {
    expect(read({ shape: [3, 224, 192], scale: 0.5, mean: [1, 2, 3], std: [4, 5, 6] })).toEqual({
      channels: 3,
      height: 224,
      width: 192,
      scale: 0.5,
      mean: [1, 2, 3],
      std: [4, 5, 6],
    })
    expect(read({ shape: [1, 28, 28] })).toMatchObject({ scale: 1 / 255, mean: [0], std: [1] })
  })

  it.each([
    [undefined, 'no hadal.input'],
    ['{', 'no JSON'],
    ['null', 'no picture'],
    ['{"shape":[784]}', 'no picture'],
    ['{"shape":[2,28,28]}', 'no picture'],
    ['{"shape":[1,0,28]}', 'no picture'],
    ['{"shape":[1,8,8193]}', '8 by 8193; the longer side may have 8192'],
    ['{"shape":[3,8,8],"mean":[1]}', 'numbers for each channel'],
    ['{"shape":[1,8,8],"std":[0]}', 'numbers for each channel'],
    ['{"shape":[1,8,8],"scale":"1"}', 'numbers for each channel'],
  ])('says what is wrong with %j', (text, why) => {
    expect(readImageInput(text === undefined ? {} : { 'hadal.input': text })).toContain(why)
  })

  it('reads anything without a throw', () => {
    fc.assert(fc.property(fc.json(), (text) => void readImageInput({ 'hadal.input': text })))
  })
})

describe('toInput', () => {
  const picture = { data: Uint8Array.of(255, 0, 0, 10, 20, 30), width: 2, height: 1 }

  it('puts colours into planes, scaled and normalised', () => {
    const input = read({ shape: [3, 1, 2], scale: 0.5, mean: [0, 1, 2], std: [1, 2, 4] }) as ImageInput
    expect([...toInput([picture, picture], input)]).toEqual([
      127.5, 5, -0.5, 4.5, -0.5, 3.25, 127.5, 5, -0.5, 4.5, -0.5, 3.25,
    ])
  })

  it('makes brightness of colours for a model that sees none', () => {
    const input = read({ shape: [1, 1, 2], scale: 1 }) as ImageInput
    expect([...toInput([picture], input)]).toEqual([76, 18])
  })
})
