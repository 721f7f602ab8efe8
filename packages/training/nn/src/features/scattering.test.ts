import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { manualSeed, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import { describe, expect, it } from 'vitest'
import { expectClose } from '../../../tensor/test/expect-close.ts'
import { scattering, scatteringChannels } from './scattering.ts'

setNumThreads(1)
const picture = (h: number, w: number): Tensor => {
  manualSeed(h * 100 + w)
  return torch.rand([1, 1, h, w])
}
/** Three Fourier transforms there and back, of 32 rows and columns at most, and moduli between them. */
const closeness = { roundings: 100 }

const numpyInstalled = spawnSync('/usr/bin/python3', ['-c', 'import numpy']).status === 0

describe.skipIf(!numpyInstalled)('scattering', () => {
  it.each([
    [28, 28, 2, 8],
    [16, 20, 2, 8],
    [32, 32, 3, 4],
    [24, 24, 3, 6],
    [8, 8, 1, 4],
  ])('of %i x %i, %i scales and %i angles is what its definition gives in numpy', (h, w, scales, angles) => {
    const image = picture(h, w)
    const { stdout, stderr } = spawnSync(
      '/usr/bin/python3',
      [fileURLToPath(new URL('scattering.py', import.meta.url))],
      {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
        input: JSON.stringify({ image: image.squeeze().toArray(), scales, angles }),
      },
    )
    expect(stderr).toBe('')
    const wanted = torch.tensor(JSON.parse(stdout) as number[][][])
    const found = scattering(image, { scales, angles })
    expect(found.shape).toEqual([1, scatteringChannels({ scales, angles }), h / 2 ** scales, w / 2 ** scales])
    expectClose(found.squeeze(0), wanted, closeness)
  })
})

describe('scattering', () => {
  it('has 81 channels of 7 x 7 for 28 x 28, and those of several channels one behind the other', () => {
    const [one, other] = [picture(28, 28), picture(28, 28).mul(0.5)]
    const both = scattering(torch.cat([one, other], 1))
    expect(both.shape).toEqual([1, 162, 7, 7])
    const apart = torch.cat([scattering(one), scattering(other)], 1)
    expectClose(both, apart, closeness)
  })

  it('is the mean of an even image and nothing else', () => {
    const features = scattering(torch.full([2, 1, 16, 16], 0.7)).flatten(2)
    const wanted = torch.zerosLike(features)
    wanted.select(1, 0).fill_(0.7)
    expectClose(features, wanted, closeness)
  })

  it('turns its angles with the image: mirrored on its diagonal, angle a becomes half a turn less a', () => {
    const image = picture(16, 16)
    const [plain, turned] = [image, image.transpose(2, 3).contiguous()].map((x) => scattering(x))
    const mirror = (angle: number): number => (12 - angle) % 8
    const channels = Array.from({ length: 81 }, (_, channel) => {
      if (channel === 0) return 0
      if (channel < 17) return 1 + 8 * Math.floor((channel - 1) / 8) + mirror((channel - 1) % 8)
      const [first, second] = [Math.floor((channel - 17) / 8), (channel - 17) % 8]
      return 17 + 8 * mirror(first) + mirror(second)
    })
    const wanted = plain!.transpose(2, 3).indexSelect(1, torch.tensor(BigInt64Array.from(channels, BigInt)))
    expectClose(turned!, wanted, closeness)
  })

  it('changes less when the image moves by a pixel than the image does', () => {
    const image = picture(32, 32)
    const moved = image.roll(1, 3)
    const relative = (a: Tensor, b: Tensor): number =>
      (a.sub(b).norm().item() as number) / (a.norm().item() as number)
    expect(relative(scattering(image), scattering(moved))).toBeLessThan(relative(image, moved) / 2)
  })

  it.each([
    [30, 28, 'multiples of 4'],
    [8, 28, 'at least 11'],
  ])('refuses %i x %i', (h, w, why) => {
    expect(() => scattering(picture(h, w))).toThrow(
      expect.objectContaining({
        code: 'nn_scattering_size',
        message: expect.stringContaining(why) as string,
      }),
    )
  })
})
