import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { promptPrefix } from './prompt-prefix.ts'

const turn = (role: string, content: unknown) => ({ role, content })
const shared = (a: readonly number[], b: readonly number[]): number => {
  const end = a.findIndex((block, index) => block !== b[index])
  return end < 0 ? a.length : end
}

describe('the beginning of a prompt', () => {
  it('keeps its blocks and its key as a conversation goes on', () => {
    const text = fc.string({ maxLength: 200 })
    fc.assert(
      fc.property(text, text, fc.array(text, { maxLength: 4 }), (system, first, later) => {
        const before = [turn('system', system), turn('user', first)]
        const after = [...before, ...later.map((each, index) => turn(index % 2 ? 'user' : 'assistant', each))]
        const [short, long] = [before, after].map((messages) => promptPrefix({ messages }, 16))
        expect(long!.blocks.slice(0, short!.blocks.length)).toEqual(short!.blocks)
        expect(long!.key).toBe(short!.key)
      }),
    )
  })

  it('shares as many blocks as there are in what two prompts have in common', () => {
    const system = 'x'.repeat(100)
    const [a, b] = ['one', 'two'].map((text) =>
      promptPrefix({ messages: [turn('system', system), turn('user', `${text}${'y'.repeat(40)}`)] }, 10),
    )
    const common = `\nsystem:${system}\nuser:`.length
    expect(shared(a!.blocks, b!.blocks)).toBe(Math.floor(common / 10))
    expect(a!.key).not.toBe(b!.key)
  })

  it.each([
    ['prompt', { prompt: 'abcdefgh' }],
    ['input', { input: 'abcdefgh' }],
    ['tokens', { prompt: [1, 2, 3, 4] }],
    ['parts', { messages: [turn('user', [{ type: 'text', text: 'abcdefgh' }])] }],
    ['a picture', { messages: [turn('user', [{ type: 'image_url', image_url: { url: 'data:abcdefgh' } }])] }],
    ['a call', { messages: [{ role: 'assistant', content: null, tool_calls: [{ id: 'abcdefgh' }] }] }],
    ['items', { instructions: 'be', input: [{ type: 'message', role: 'user', content: 'abcdefgh' }] }],
    ['system and tools', { system: 'abcdefgh', tools: [{ name: 'f' }], messages: [] }],
  ])('reads %s', (_what, body) => {
    expect(promptPrefix(body, 4).blocks.length).toBeGreaterThan(0)
  })

  it('never throws, whatever the body, and is bounded', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('messages', 'prompt', 'input', 'tools', 'system'), fc.jsonValue()),
        (body) => {
          expect(promptPrefix(body as Record<string, unknown>, 3).blocks.length).toBeLessThanOrEqual(128)
        },
      ),
    )
    expect(promptPrefix({ prompt: 'x'.repeat(1_000_000) }, 10).blocks).toHaveLength(128)
  })
})
