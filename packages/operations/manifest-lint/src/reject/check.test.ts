import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fieldsOf } from '../schemas/schema-table.ts'

/** Types that rules are written for: keys of what is given to `ruleOf`. */
function checkedTypes(): string[] {
  const folder = new URL('./', import.meta.url)
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'))
    .flatMap((text) => [...text.matchAll(/LintRule = ruleOf\(\{([\s\S]*?)\n?\}\)/g)])
    .flatMap(([, body]) =>
      [...body!.matchAll(/(?:^|\{)\s*'?([A-Za-z][\w.]*\w)'?: /gm)].map(([, type]) => type!),
    )
    .filter((type) => !/^(field|keys|filledIn|protocol)$/.test(type))
}

test('each type that a rule is written for is in the tables', () => {
  const types = checkedTypes()
  expect(types.length).toBeGreaterThan(90)
  expect(types.filter((type) => fieldsOf(type).size === 0)).toEqual([])
})
