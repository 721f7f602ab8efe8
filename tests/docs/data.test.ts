/** JSON and YAML of the documentation are that; a service's config is one that the settings take; every plain block says what it is. */

import { checkService, resolveSettings, serviceSettings } from '@hadal/config'
import { expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { allBlocks, type Block, placeOf } from './blocks.ts'

const blocks = allBlocks()
const of = (...languages: string[]): readonly Block[] =>
  blocks.filter(({ language }) => languages.includes(language))

it('JSON is JSON, as one value or one in each line, and configs hold', () => {
  const issues = of('json').flatMap((block) => {
    try {
      const values = valuesIn(block.code)
      const [first] = values
      if (values.length === 1 && isConfig(first))
        resolveSettings(
          serviceSettings,
          { flags: {}, env: {}, file: { path: 'hadal.config.json', values: first } },
          { check: checkService },
        )
      return []
    } catch (error) {
      return [`${placeOf(block)}: ${(error as Error).message}`]
    }
  })
  expect(issues).toEqual([])
})

it('YAML is YAML', () => {
  const issues = of('yaml').flatMap((block) =>
    parseAllDocuments(block.code).flatMap(({ errors }) =>
      errors.map(({ message }) => `${placeOf(block)}: ${message}`),
    ),
  )
  expect(issues).toEqual([])
})

it('queries have names, and brackets that close', () => {
  const issues = of('promql').flatMap((block) =>
    block.code.split('\n').flatMap((query) => {
      const open = query.replaceAll(/"[^"]*"/g, '""').replaceAll(/[^()[\]{}]/g, '')
      let rest = open
      for (let before = ''; before !== rest; ) {
        before = rest
        rest = rest.replaceAll(/\(\)|\[\]|\{\}/g, '')
      }
      return rest === '' && /[a-zA-Z_:]/.test(query) ? [] : [`${placeOf(block)}: ${query}`]
    }),
  )
  expect(issues).toEqual([])
})

it('what is printed is compared, or it is said why not', () => {
  const plain = of('', 'text', 'cpp')
  const silent = plain.filter(({ marks }) => !marks.has('output') && !marks.get('sample'))
  const byKind = [
    `${of('json').length} of JSON`,
    `${of('yaml').length} of YAML`,
    `${of('promql').length} of PromQL`,
    `${plain.filter(({ marks }) => marks.has('output')).length} of output that is compared`,
    `${plain.filter(({ marks }) => marks.has('sample')).length} of output that is not`,
  ]
  console.log(`blocks: ${byKind.join(', ')}`)
  expect(silent.map(placeOf)).toEqual([])
})

function valuesIn(code: string): readonly unknown[] {
  try {
    return [JSON.parse(code)]
  } catch {
    return code.split('\n').map((line) => JSON.parse(line) as unknown)
  }
}

function isConfig(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && ('models' in value || 'maxBatchSize' in value)
}
