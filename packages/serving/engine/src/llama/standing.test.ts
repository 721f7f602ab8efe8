import { describe, expect, it } from 'vitest'
import type { ModelInfo } from '../engine.ts'
import { engineCrashed } from '../errors.ts'
import { Standing } from './standing.ts'

const encoder = { id: 'a', can: { generate: false, embed: true, rerank: false } } as ModelInfo
const codeOf = (run: () => void): string => {
  try {
    run()
    return 'taken'
  } catch (thrown) {
    return (thrown as { code: string }).code
  }
}

describe('Standing', () => {
  it('takes everything until it knows the model, then what that does', async () => {
    const standing = new Standing()
    expect(codeOf(() => standing.check('generate'))).toBe('taken')
    expect(() => standing.model).toThrow('once ready()')
    expect(Object.keys(standing.serves(encoder))).toEqual(['generate', 'rerank', 'infer'])
    await standing.ready
    expect(codeOf(() => standing.check('generate'))).toBe('generation_off')
    expect(codeOf(() => standing.check('rerank'))).toBe('reranking_off')
    expect(codeOf(() => standing.check('infer'))).toBe('inference_off')
    expect(codeOf(() => standing.check('embed'))).toBe('taken')
    expect([standing.state, standing.model.id]).toEqual(['ready', 'a'])
  })

  it('takes those who wait for a restart, but not while it fails to start', () => {
    const standing = new Standing()
    standing.serves(encoder)
    standing.died()
    expect([standing.state, codeOf(() => standing.check('embed'))]).toEqual(['restarting', 'taken'])
    standing.goesOutOfService(engineCrashed('SIGKILL'))
    expect(codeOf(() => standing.check('embed'))).toBe('engine_crashed')
    expect(codeOf(() => standing.checkService())).toBe('engine_crashed')
    standing.serves(encoder)
    expect([standing.state, codeOf(() => standing.check('embed'))]).toEqual(['ready', 'taken'])
  })

  it('accepts no request once it drains, and closes for good', async () => {
    const standing = new Standing()
    standing.drains()
    standing.serves(encoder)
    standing.died()
    expect([standing.state, codeOf(() => standing.check('embed'))]).toEqual(['draining', 'engine_closed'])
    const closed = new Standing()
    closed.closes(engineCrashed('SIGKILL'))
    closed.drains()
    await expect(closed.ready).rejects.toMatchObject({ code: 'engine_crashed' })
    expect([closed.state, codeOf(() => closed.check('embed'))]).toEqual(['closed', 'engine_closed'])
  })
})
