import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { rejectionCatalogue } from './catalogue.ts'

/** Names of rules in the sources, where they are said: `rejected('bad_name', ...`, `rule: 'no_kind'`. */
function saidIn(folder: URL): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'catalogue.ts')
    .flatMap((name) => {
      const text = readFileSync(new URL(name, folder), 'utf8')
      const said = /(?:rejected|gone|nowhere)\(\s*'(\w+)'|rule: '(\w+)'|isOld \? '(\w+)' : '(\w+)'/g
      return [...text.matchAll(said)].flatMap((match) => match.slice(1).filter((id) => id !== undefined))
    })
}

test('each rule that is said stands in the catalogue, once, and each of the catalogue is said', () => {
  const said = ['./', '../../../fleet/src/read/'].flatMap((folder) =>
    saidIn(new URL(folder, import.meta.url)),
  )
  const listed = rejectionCatalogue.map(({ id }) => id)
  expect(listed).toEqual([...new Set(listed)])
  expect([...new Set(said)].sort()).toEqual([...listed].sort())
})
