import { defineError } from '@hadal/base'
import { describe, expect, it } from 'vitest'
import { oneLayer as options } from '../test/one-layer.ts'
import type { SaidSettings } from './override-run.ts'
import { type CommandLine, defineRecipe, openRecipe } from './recipe.ts'
import { defineRun, type Run } from './run.ts'

const line = (given: Partial<CommandLine> = {}): CommandLine => ({ said: {}, args: [], issues: [], ...given })
const dataMissing = defineError({
  code: 'recipe_test_data_missing',
  status: 400,
  when: 'Only in this test.',
  message: () => 'no data at all',
  help: 'None.',
})

describe('a recipe', () => {
  it('may be options, a run, or a function that gives either', async () => {
    const run = defineRun(options)
    for (const recipe of [options, run, () => options, async () => run])
      expect((await openRecipe(recipe, 'r.ts', line())).run).toEqual(run)
  })

  it('hears what was said, and gets it put over what it gives in any case', async () => {
    let heard: [SaidSettings, readonly string[]] | undefined
    const recipe = defineRecipe((said, args) => {
      heard = [said, args]
      return options
    })
    const { run } = await openRecipe(recipe, 'r.ts', line({ said: { seed: 3 }, args: ['--data', 'x'] }))
    expect(heard).toEqual([{ seed: 3 }, ['--data', 'x']])
    expect(run.seed).toBe(3)
  })

  it('brings listeners of its own', async () => {
    const listener = (): void => {}
    const { run, listeners } = await openRecipe({ ...options, listeners: [listener] }, 'r.ts', line())
    expect(listeners).toEqual([listener])
    expect(run).toEqual(defineRun(options))
  })

  it('is notified when its run has ended, and of which run that was', async () => {
    const ended: number[] = []
    const recipe = { ...options, done: ({ seed }: Run) => void ended.push(seed) }
    const { listeners } = await openRecipe(recipe, 'r.ts', line({ said: { seed: 5 } }))
    const control = { stop: () => {}, save: () => {}, warn: () => {} }
    await listeners[0]!({ type: 'interrupted', step: 1, seconds: 1 }, control)
    expect(ended).toEqual([])
    await listeners[0]!({ type: 'finished', step: 4, seconds: 1 }, control)
    expect(ended).toEqual([5])
  })

  it.each([
    [3, 'got number'],
    [null, 'got null'],
    [[options], 'got object'],
    [() => undefined, 'got undefined'],
    [{ ...options, listeners: ['x'] }, 'listeners must be a list of functions'],
    [{ ...options, done: 1 }, 'done must be a function'],
  ])('is refused when it is %j', async (recipe, why) => {
    await expect(openRecipe(recipe, 'r.ts', line())).rejects.toMatchObject({
      code: 'train_recipe_invalid',
      message: expect.stringContaining(`r.ts: `) && expect.stringContaining(why),
    })
  })

  it('has its issues reported together with those of the command line', async () => {
    const issues = ['--sed: there is no such flag']
    await expect(openRecipe({ ...options, seed: -1 }, 'r.ts', line({ issues }))).rejects.toThrow(
      /2 error\(s\)[\s\S]*--sed[\s\S]*seed is -1/,
    )
    const failing = (): never => {
      throw dataMissing()
    }
    await expect(openRecipe(failing, 'r.ts', line({ issues }))).rejects.toThrow(/--sed[\s\S]*no data at all/)
    await expect(openRecipe(failing, 'r.ts', line())).rejects.toMatchObject({
      code: 'recipe_test_data_missing',
    })
  })

  it('that throws is named, with its line', async () => {
    const failing = (): never => {
      throw new TypeError('nothing here')
    }
    await expect(openRecipe(failing, 'recipe.test.ts', line())).rejects.toMatchObject({
      code: 'train_recipe_failed',
      message: expect.stringMatching(/^recipe\.test\.ts threw: nothing here \(line \d+\)$/),
    })
    const issues = ['--sed: there is no such flag']
    await expect(openRecipe(failing, 'r.ts', line({ issues }))).rejects.toThrow(/--sed[\s\S]*nothing here/)
  })
})
