import { expect, it, vi } from 'vitest'

it('says where sharp does not load, and how to install it', async () => {
  vi.doMock('sharp', () => {
    throw new Error('Could not load the "sharp" module using the linux-x64 runtime\nPossible solutions: ...')
  })
  const { decodeImage } = await import('./decode-image.ts')
  await expect(decodeImage(Buffer.from('GIF89a'), { width: 4, height: 4 })).rejects.toEqual(
    expect.objectContaining({
      code: 'images_unavailable',
      help: expect.stringContaining('--include=optional sharp'),
    }),
  )
})
