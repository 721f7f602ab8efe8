/** Every public API has an example, and examples produce their stated output. Their types are checked by `npm run check`. */

import { expect, it } from 'vitest'
import { runIssues, watched } from './api-run.ts'
import { examplesOf, publicNames, unshown } from './api-shown.ts'
import { apiPackages } from './api-surface.ts'

it('shows every name of the public API by an example, each value also with a sentence', () => {
  const names = publicNames()
  expect(names.length).toBeGreaterThan(500)
  expect(unshown(names)).toEqual([])
})

it('says of no example that something else comes out than does', async () => {
  const examples = examplesOf(publicNames())
  expect(examples.filter(({ isRun }) => isRun).length).toBeGreaterThan(300)
  expect(await runIssues(examples)).toEqual([])
})

const [pkg] = apiPackages()

it.each([
  ['a type that is shown nowhere', { isValue: false }, ['an example that shows it']],
  ['a value without an example', { hasText: true }, ['an example']],
  ['a value with neither example nor sentence', {}, ['an example and a sentence']],
  ['what is internal', { isInternal: true }, []],
])('knows what %s lacks', (_, reported, lacks) => {
  if (pkg === undefined) throw new Error('there is no package')
  const name = {
    isValue: true,
    isInternal: false,
    hasText: false,
    examples: [],
    signature: 'it',
    place: 'a.ts:1',
  }
  expect(unshown([{ package: pkg, name: 'it', ...name, ...reported }])).toEqual(
    lacks.map((what) => `${pkg.name}: it lacks ${what} (a.ts:1)`),
  )
})

it('refuses a mark where no statement ends, which would never be compared', () => {
  expect(() => watched('const list = [\n  1, // → 1\n]\n')).toThrow('no statement')
  expect(watched('const one = 1 // → 1\n')).toContain('show(one)')
})
