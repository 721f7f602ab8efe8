import { describe, expect, it } from 'vitest'
import { adapterId } from './adapter-setting.ts'
import { resolveSettings } from './resolve.ts'
import { checkService, serviceSettings } from './service.ts'

const fromFlag = (adapters: string) =>
  resolveSettings(serviceSettings, { flags: { adapters } }, { check: checkService }).values.adapters
const fromFile = (adapters: unknown) =>
  resolveSettings(
    serviceSettings,
    { file: { path: 'hadal.config.ts', values: { adapters } } },
    { check: checkService },
  ).values.adapters

describe('adapters', () => {
  it('are files with their scales in text', () => {
    expect(fromFlag('one.gguf=0.5, folder/other.gguf,third.gguf=-1e-1,off.gguf=0')).toEqual([
      { path: 'one.gguf', scale: 0.5 },
      { path: 'folder/other.gguf' },
      { path: 'third.gguf', scale: -0.1 },
      { path: 'off.gguf', scale: 0 },
    ])
    expect(fromFlag('lr=0.001/rank=8.gguf')).toEqual([{ path: 'lr=0.001/rank=8.gguf' }])
  })

  it('are objects in a file', () => {
    const adapters = [{ id: 'story', path: 'a.gguf', scale: 0.5 }, { path: 'b.gguf' }]
    expect(fromFile(adapters)).toEqual(adapters)
    expect(fromFile('a.gguf=2')).toEqual([{ path: 'a.gguf', scale: 2 }])
  })

  it.each([
    ['', 'is not a list'],
    ['a.gguf=1001', 'is not a list'],
    ['a.gguf,b/a.gguf', 'the adapter id "a"'],
  ])('%j is rejected', (text, issue) => expect(() => fromFile(text)).toThrow(issue))

  it.each([[[{ id: 'x' }]], [[{ path: 'a', sacle: 1 }]], [[{ path: 'a', scale: '1' }]], [{ path: 'a' }]])(
    '%j is rejected',
    (adapters) => expect(() => fromFile(adapters)).toThrow('is not a list of LoRA adapters'),
  )

  it('are called after their file, unless they have a name', () => {
    expect(adapterId({ path: 'folder/tales.v2.GGUF' })).toBe('tales.v2')
    expect(adapterId({ id: 'other', path: 'a.gguf' })).toBe('other')
  })
})
